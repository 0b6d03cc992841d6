export { denseBackward, denseForward } from "./dense";
export { dropoutBackward, dropoutForward, dropoutMask } from "./dropout";
