// A picture to digits in reading order, and what each of them is: read_page in Python, as
// mnist_lab/reading/read.py has it.

import { evenStroke, toDigit } from "./digit.js";
import { bestOfSame, findCandidates, logSoftmax, lookAgain } from "./find.js";
import { slide } from "./forward.js";
import { runner } from "./helper.js";
import { intoLines, slant } from "./lines.js";
import { resize, within } from "./pixels.js";
import { boxInPicture, canTurn, quarterTurn, turnBack, UNTURNED } from "./upright.js";

const MOST_HELPERS = 4;

// Make a reader of what Python's describe_reader() says: its constants; `ask`, a promise of what
// a network answers; and how many helpers, workers beside this one, there are to ask.
export function loadReader({ constants, networks, helper, agrees }) {
  const helpers = startHelpers(helper, networks);
  const reader = {
    ...constants,
    agrees,
    helpers: helpers.length || 1,
    reach: reachOf(networks.finder),
  };
  if (!helpers.length) {
    const run = runner(networks);
    return { ...reader, ask: async (...question) => run(...question), close() {} };
  }
  const waiting = [];
  const free = [...helpers];
  function next() {
    if (!free.length || !waiting.length) return;
    const [one, [name, data, shape, done, failed]] = [free.pop(), waiting.shift()];
    const over = (act) => (free.push(one), next(), act());
    one.onmessage = ({ data: { outputs, error } }) =>
      over(() => (error ? failed(new Error(error)) : done(outputs)));
    one.onerror = ({ message }) => over(() => failed(new Error(message)));
    one.postMessage({ name, data, shape }, [data.buffer]);
  }
  const ask = (...question) =>
    new Promise((done, failed) => {
      waiting.push([...question, done, failed]);
      next();
    });
  return { ...reader, ask, close: () => helpers.forEach((one) => one.terminate()) };
}

function startHelpers(helper, descriptions) {
  const cores = Math.min(globalThis.navigator?.hardwareConcurrency ?? 1, MOST_HELPERS);
  if (cores < 2 || typeof Worker === "undefined") return [];
  try {
    const address = URL.createObjectURL(new Blob([helper], { type: "text/javascript" }));
    return Array.from({ length: cores }, () => {
      const one = new Worker(address);
      one.postMessage({ descriptions });
      return one;
    });
  } catch {
    return []; // where a page may start none
  }
}

// How many pixels away a pixel may be and still matter to one of a network's answers, at most.
function reachOf({ layers }) {
  let [reach, step] = [0, 1];
  for (const { kind, config } of layers) {
    if (kind !== "Conv2D") continue;
    const [window, stride] = [config.kernel_size[0], config.strides[0]];
    const [, before] = slide(1024, window, stride, config.padding);
    reach += step * Math.max(before, window - 1 - before);
    step *= stride;
  }
  return Math.ceil(reach / step) * step;
}

// Colours, four bytes a pixel as a canvas gives them, to grey levels, as OpenCV weighs them.
export function toGrey(colours) {
  const grey = new Uint8Array(colours.length / 4);
  for (let at = 0; at < grey.length; at++)
    grey[at] =
      (9798 * colours[4 * at] + 19235 * colours[4 * at + 1] + 3735 * colours[4 * at + 2] + 16384) >>
      15;
  return grey;
}

// Find the digits of a page, grey levels row after row, and say what they are. `progress` hears
// the share that is done, 0 to 1.
//
// Gives {digits: [{box: [x, y, width, height], digit, probabilities}, …] in reading order, lines:
// line by line, which digits stand on it, rotation: by how many degrees the writing is turned}.
export async function readPage(grey, width, height, reader, progress = () => {}) {
  const image = { data: grey, width, height };
  let [upright, toPicture, rotation] = [image, UNTURNED, 0];
  const look = async () => lookAgain(upright, await findCandidates(upright, reader), reader);
  let looked = await look();
  progress(0.5);
  rotation = await quarterTurn(upright, looked, reader);
  progress(0.7);
  if (rotation) {
    [upright, toPicture] = turnBack(image, rotation);
    looked = await look();
  }
  let found = choose(looked, reader);
  const slanting = () =>
    slant(
      found.map(({ box }) => box),
      reader,
    );
  const tilt = slanting();
  if (Math.abs(tilt) > reader.MAX_SLANT && canTurn(image, rotation + tilt, reader)) {
    rotation += tilt;
    [upright, toPicture] = turnBack(image, rotation);
    found = choose(await look(), reader);
  }
  progress(0.9);
  const lines = intoLines(
    found.map(({ box }) => box),
    reader,
  );
  found = lines.flat().map((at) => found[at]);
  const digits = await Promise.all(
    found.map(async (each) => {
      const digit = digitOf(each, reader);
      const box = wholePixels(boxInPicture(each.box, toPicture), width, height);
      const [{ data }] = await reader.ask(
        "classifier",
        Float32Array.from(digit, (level) => level / 255),
        [28, 28, 1],
      );
      return { box, digit, probabilities: reader.agrees ? agree(data, each.classes) : data };
    }),
  );
  progress(1);
  let count = 0;
  return {
    digits,
    lines: lines.map((line) => line.map(() => count++)),
    rotation: ((((rotation + slanting() + 180) % 360) + 360) % 360) - 180,
  };
}

// Those that are digits.
function choose(looked, { LEAST_INK, MIN_LEVELS, MIN_DIGIT, MIN_CONTRAST, SAME_DIGIT, INSIDE }) {
  const level = ({ contrast }) => Math.abs(contrast);
  const sure = looked.filter(
    (each) =>
      each.ink.some((own) => own > LEAST_INK) && level(each) > MIN_LEVELS && each.heat > MIN_DIGIT,
  );
  const sum = (value) => sure.reduce((total, each) => total + value(each), 0);
  const usual = sum((each) => level(each) ** 2) / Math.max(sum(level), 1);
  return bestOfSame(
    sure.filter((each) => level(each) > MIN_CONTRAST * usual),
    SAME_DIGIT,
    INSIDE,
  );
}

// A digit in MNIST's form, its strokes evened: its grey levels where its own ink is.
function digitOf(found, { OWN, PERHAPS_OWN, FULL, BLUR, FINER, CROP_SIDE }) {
  const { levels, contrast } = found;
  const surest = Math.max(...found.ink);
  const ink = found.ink.map((own) => own / surest);
  const side = FINER * CROP_SIDE;
  const finer = (data) =>
    resize({ data, width: CROP_SIDE, height: CROP_SIDE }, side, side, true).data;
  const inked = levels.map((level) => Math.sign(contrast) * level);
  const full = Math.max(
    percentile(
      inked.filter((_, at) => ink[at] > OWN),
      FULL,
    ),
    1,
  );
  const fine = finer(inked.map((level) => level / full)).map((level) =>
    within((level - BLUR) / (1 - BLUR), 0, 1),
  );
  const fineInk = finer(ink);
  const own = new Uint8Array(side * side); // 1 next to what hangs together with sure ink, 2 there
  const open = [];
  const neighbours = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => [right, down]));
  fineInk.forEach((value, at) => value > OWN && fine[at] > 0 && (own[at] = open.push(at) && 2));
  while (open.length) {
    const at = open.pop();
    for (const [right, down] of neighbours) {
      const [x, y] = [(at % side) + right, Math.floor(at / side) + down];
      const to = y * side + x;
      if (x < 0 || x >= side || y < 0 || y >= side || own[to] === 2) continue;
      const belongs = fineInk[to] > PERHAPS_OWN && fine[to] > 0;
      own[to] = belongs ? 2 : 1;
      if (belongs) open.push(to);
    }
  }
  const any = own.includes(2);
  const shown = fine.map((level, at) => (any ? (own[at] ? level : 0) : within(fineInk[at], 0, 1)));
  const image = {
    data: Uint8Array.from(shown, (level) => Math.fround(255 * level)),
    width: side,
    height: side,
  };
  const even = image.data.some(Boolean) ? evenStroke(image) : image;
  return toDigit(even.data, even.width, even.height) ?? new Uint8Array(784);
}

// The value below which so many percent of numbers lie.
function percentile(numbers, percent) {
  const sorted = numbers.toSorted();
  const place = (percent / 100) * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}

// A box as x, y, width and height, in whole pixels of a picture and within it.
function wholePixels([left, top, right, bottom], width, height) {
  const span = (from, to, side) => {
    const low = within(Math.floor(from + 0.3), 0, side - 1);
    return [low, within(Math.ceil(to - 0.3), low + 1, side) - low];
  };
  const [[x, wide], [y, high]] = [span(left, right, width), span(top, bottom, height)];
  return [x, y, wide, high];
}

// Three opinions together, two of which are one already: their geometric mean.
function agree(classifier, classes) {
  const log = (value) => Math.log(Math.max(value, 1e-7));
  const logs = classifier.map(
    (value, digit) => (log(value) + 2 * log(Math.exp(classes[digit]))) / 3,
  );
  return logSoftmax(logs).map(Math.exp);
}
