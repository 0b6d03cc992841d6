// Before the first paint, in words that old browsers understand, too: the theme that was chosen (what the URL says goes before what is
// stored), and whether the browser can show the page.
(function () {
  var page = document.documentElement;
  var missing = [];
  if (!window.WebAssembly) missing.push("WebAssembly");
  else if (!simd()) missing.push("WebAssembly SIMD");
  if (!window.CSS || !CSS.supports || !CSS.supports("color", "light-dark(#000, #fff)"))
    missing.push("CSS light-dark()");
  if (!window.customElements || !window.CSSStyleSheet || !("adoptedStyleSheets" in document))
    missing.push("custom elements");
  if (missing.length > 0) document.addEventListener("DOMContentLoaded", say);
  if (!window.URLSearchParams) return;

  var url = new URLSearchParams(location.hash.slice(1));
  var stored;
  try {
    stored = localStorage.getItem("wasmgrad-theme");
  } catch (forbidden) {
    stored = forbidden && undefined; // as the system has it
  }
  var theme = url.get("theme") || stored;
  if (theme === "light" || theme === "dark") page.setAttribute("data-theme", theme);
  if (url.get("view") === "projector") page.setAttribute("data-projector", "");

  // a function of v128.const and i8x16.popcnt
  function simd() {
    var bytes = [
      0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
    ];
    return WebAssembly.validate(new Uint8Array(bytes));
  }

  function say() {
    var zh = page.lang.slice(0, 2) === "zh";
    var line = document.createElement("p");
    line.className = "card notice";
    line.setAttribute("role", "alert");
    line.setAttribute("data-old", "");
    line.textContent = zh
      ? "这个浏览器太旧，显示不了本页的图（缺少：" +
        missing.join("、") +
        "）。请更新浏览器，或改用 2024 年以后的 Chrome、Firefox 或 Safari。"
      : "This browser is too old for the figures of this page (it lacks: " +
        missing.join(", ") +
        "). Update it, or use Chrome, Firefox or Safari of 2024 or later.";
    var view = document.getElementById("view");
    view.insertBefore(line, view.firstChild);
  }
})();
