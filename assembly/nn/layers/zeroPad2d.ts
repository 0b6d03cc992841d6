import { DX, DY, pointer, X, Y } from "../../runtime/record";
import { addBorder, removeBorder } from "./border";

/** y = x with zeros around it */
export function zeroPad2dForward(record: usize, rows: u32): void {
  addBorder(record, rows, pointer(record, X), pointer(record, Y));
}

/** dx = dy without the border */
export function zeroPad2dBackward(record: usize, rows: u32): void {
  removeBorder(record, rows, pointer(record, DY), pointer(record, DX));
}
