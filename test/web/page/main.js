// What tests of wasmgrad/web run in pages.
import * as wasmgrad from "wasmgrad";
import * as datasets from "wasmgrad/datasets";
import * as files from "wasmgrad/files";
import * as web from "wasmgrad/web";

Object.assign(window, { wasmgrad, datasets, files, web });
