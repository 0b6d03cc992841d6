// Speech -> word: a network learns the English digits from synthetic voices alone, and is then asked about recordings of two people.
//
//   npx tsx examples/programs/spoken-digits.ts         about three minutes
//   npx tsx examples/programs/spoken-digits.ts 0.05    with a twentieth of the voices
//
// The voices are those of espeak-ng (npm package espeak-ng, 9 MB, GPL-3), in seven accents and 16 ways of speaking; four of these ways are
// kept to be tested with. The recordings come with Debian's packages asterisk-core-sounds-en-wav (18 MB, CC-BY-SA-3.0) and saytime.
// Synthetic voices are cleaner than any microphone: in training each sound gets noise, another tone colour, pitch, pace and
// beginning.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accuracy, adam, batchNorm, conv2d, cosineDecay, dense, dropout, flatten, maxPool2d, relu, reshape, sequential, softmaxCrossEntropy, Trainer } from "wasmgrad"; // prettier-ignore
import { debianPackage, npmModule } from "./packages.ts";
import { joined, logMel, type Sound } from "./sound.ts";

const share = Number(process.argv[2] ?? 1);
const DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const ACCENTS = ["en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029"];
// those without breath, which espeak-ng adds by chance
const WAYS = ["m1", "f1", "m2", "Andrea", "m3", "steph", "m4", "f4", "m5", "Annie", "m6", "Michael", "linda", "m7", "Andy", "Belinda"]; // prettier-ignore
const TEST_WAYS = 4;
const FRAMES = 72;
const BANDS = 24;

/** The samples of a WAV file of 16 bits. */
function readWav(bytes: Uint8Array): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = Buffer.from(bytes).indexOf("data") + 8;
  const length = Math.floor((bytes.length - start) / 2);
  return {
    samples: Float32Array.from({ length }, (_, i) => view.getInt16(start + 2 * i, true) / 32768),
    rate: view.getUint32(24, true),
  };
}

/** The samples of mu-law, one byte each, at 8 kHz. */
function readMuLaw(bytes: Uint8Array): Sound {
  const samples = Float32Array.from(bytes, (byte) => {
    const code = ~byte;
    const size = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132;
    return (code & 128 ? -size : size) / 32768;
  });
  return { samples, rate: 8000 };
}

/** The parts of a sound that silence of a fifth of a second divides. */
function parts({ samples, rate }: Sound): Sound[] {
  const spans: [number, number][] = [];
  for (const [at, sample] of samples.entries()) {
    if (Math.abs(sample) < 0.006) continue;
    const span = spans.at(-1);
    if (span && at - span[1] < 0.2 * rate) span[1] = at;
    else spans.push([at, at]);
  }
  return spans.map(([from, to]) => ({ samples: samples.slice(from, to), rate }));
}

interface Speaker {
  FS: { readFile(name: string): Uint8Array };
}
type Speak = (options: { arguments: string[]; print(): void; printErr(): void }) => Promise<Speaker>;
const { default: speak } = await npmModule<{ default: Speak }>("espeak-ng", "1.0.2");
/** All digits by one voice. */
async function say(voice: string, speed: number): Promise<Sound[]> {
  const text = DIGITS.join('. <break time="400ms"/> ');
  const quiet = (): void => undefined;
  const speaker = await speak({ arguments: ["-v", voice, "-s", String(speed), "-m", "-w", "out.wav", text], print: quiet, printErr: quiet }); // prettier-ignore
  return parts(readWav(speaker.FS.readFile("out.wav")));
}

const hear = new Map([8000, 22_050].map((rate) => [rate, logMel(rate, FRAMES, BANDS, 3800)])); // as much as a telephone lets through
const pictureOf = (sound: Sound): Float32Array => hear.get(sound.rate)!(sound);
const voices = ACCENTS.flatMap((accent) => WAYS.map((way, i) => ({ name: `${accent}+${way}`, isTest: i >= WAYS.length - TEST_WAYS }))); // prettier-ignore
const learned: { x: Float32Array; y: number }[] = [];
const unseen: typeof learned = [];
for (const [i, { name, isTest }] of voices.entries()) {
  if (i % Math.ceil(1 / share) !== 0) continue;
  const sounds = await say(name, 80 + ((i * 17) % 80));
  if (sounds.length !== DIGITS.length) throw new Error(`${name} said ${sounds.length} words`);
  for (const [y, sound] of sounds.entries()) (isTest ? unseen : learned).push({ x: pictureOf(sound), y });
}

const epochs = 30;
const model = await sequential(
  { input: FRAMES * BANDS, seed: 1 },
  reshape([FRAMES, BANDS, 1]),
  conv2d(16, { kernelSize: 3, padding: "same", useBias: false }),
  batchNorm(),
  relu(),
  maxPool2d(2),
  conv2d(32, { kernelSize: 3, padding: "same", useBias: false }),
  batchNorm(),
  relu(),
  maxPool2d(2),
  conv2d(32, { kernelSize: 3, padding: "same", useBias: false }),
  batchNorm(),
  relu(),
  maxPool2d(2),
  flatten(),
  dropout(0.4),
  dense(64),
  relu(),
  dense(10),
);
const trainer = new Trainer(model, {
  loss: softmaxCrossEntropy(),
  optimizer: adam({ learningRate: 2e-3, weightDecay: 1e-4 }),
  schedule: cosineDecay({ period: epochs * Math.ceil(learned.length / 32) }),
  metrics: [accuracy()],
});
const data = (of: typeof learned) => ({ x: joined(of.map(({ x }) => x)), y: of.map(({ y }) => y) });
await trainer.fit(data(learned), {
  epochs,
  batchSize: 32,
  map({ x, ...others }, random) {
    const clean = x as Float32Array;
    const changed = new Float32Array(clean.length);
    for (let start = 0; start < clean.length; start += FRAMES * BANDS) {
      const noise = random.uniform(-1.4, -0.2);
      const [tilt, bend] = [random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4)];
      const [shift, pace, height] = [random.uniform(-4, 4), random.uniform(0.6, 1.3), random.uniform(0.85, 1.15)];
      for (let frame = 0; frame < FRAMES; frame++) {
        const from = Math.round(pace * (frame + shift));
        const silent = from < 0 || from >= FRAMES;
        for (let band = 0; band < BANDS; band++) {
          const place = (2 * band) / BANDS - 1;
          const colour = tilt * place + bend * (place * place - 0.3);
          // from a place between two bands
          const exact = Math.min(height * band, BANDS - 1.001);
          const lower = start + BANDS * from + Math.floor(exact);
          const part = exact % 1;
          const value = silent ? -1 : (1 - part) * clean[lower]! + part * clean[lower + 1]! + colour;
          changed[start + BANDS * frame + band] = Math.max(value, noise + 0.1 * random.normal());
        }
      }
    }
    return { x: changed, ...others };
  },
});

const sounds = join(debianPackage("asterisk-core-sounds-en-wav"), "usr/share/asterisk/sounds/en_US_f_Allison/digits");
const times = join(debianPackage("saytime"), "usr/share/saytime");
const real = [
  ["Allison", DIGITS.map((_, digit) => readWav(readFileSync(join(sounds, `${digit}.wav`))))],
  ["saytime", DIGITS.map((_, digit) => readMuLaw(readFileSync(join(times, `${digit}.au`))))],
] as const;
const said = real.map(([name, recordings]) => {
  const read = [...model.classify(joined(recordings.map(pictureOf)))];
  return `${name} ${read.filter((digit, i) => digit === i).length} of 10 (0 to 9 read as ${read.join(" ")})`;
});
const { accuracy: right } = await trainer.evaluate(data(unseen));
console.log(`learned from ${learned.length} synthetic words; of ${unseen.length} by unseen voices ${(100 * right).toFixed(1)} % right`); // prettier-ignore
console.log(`real recordings: ${said.join(", ")}`);
console.log(`fingerprint ${model.fingerprint()}`);
