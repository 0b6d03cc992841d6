// How wide texts of charts are. Fonts differ, so it is what the widest of the usual ones take, roughly.

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[^\u0000-\uffff]/u; // oxlint-disable-line no-control-regex

/** Ems of a character. */
function ems(character: string): number {
  if (WIDE.test(character)) return 1.05;
  if (/[iljtfr.,:;'|!()[\]I ’]/.test(character)) return 0.4;
  if (/[mwMW@%—…+=<>−]/.test(character)) return 1.02;
  if (/[A-Z–“”]/.test(character)) return 0.78;
  return character.charCodeAt(0) > 0x2ff ? 0.82 : 0.64;
}

/** Pixels of a text, rather too many than too few. */
export const widthOf = (text: string, size = 11): number => {
  let sum = 0;
  for (const character of text) sum += ems(character);
  return sum * size;
};

/** A text that fits: of one that doesn't, the beginning and the end with dots between. */
export function fitted(text: string, most: number, size = 11): string {
  if (widthOf(text, size) <= most) return text;
  const characters = [...text];
  for (let kept = characters.length - 1; kept > 1; kept--) {
    const end = Math.floor(kept / 3);
    const short = `${characters.slice(0, kept - end).join("")}…${characters.slice(characters.length - end).join("")}`;
    if (widthOf(short, size) <= most) return short;
  }
  return "…";
}
