// Where the digits of a picture are: the finder slid over it, from large scales to small, and the
// segmenter's second look. As mnist_lab/reading/find.py.
//
// A candidate is {box: [left, top, right, bottom], heat, classes}, the classes logarithms of the
// ten digits' probabilities; after a second look also {ink, levels, contrast}.

import { blur, crop, localContrast, resize, slideFinder } from "./views.js";

const sigmoid = (value) => 1 / (1 + Math.exp(-value));

// Logits to logarithms of probabilities.
export function logSoftmax(logits) {
  const most = Math.max(...logits);
  const sum = logits.reduce((total, value) => total + Math.exp(value - most), 0);
  return logits.map((value) => value - most - Math.log(sum));
}

// Slide the finder over a picture at every scale; of boxes on one thing the hottest stays.
export async function findCandidates(image, reader) {
  const waiting = [];
  let [smaller, at] = [image, 1];
  for (const scale of scales(image, reader)) {
    if (scale < at) [smaller, at] = [resize(smaller, scale / at), scale];
    const here = scale > 1 ? resize(image, scale) : smaller;
    const zoom = Math.fround(image.width / here.width);
    const zoomed = (candidate) => ({
      ...candidate,
      box: candidate.box.map((side) => Math.fround(side * zoom)),
    });
    waiting.push(lookAt(here, reader).then((candidates) => candidates.map(zoomed)));
  }
  return bestOfSame((await Promise.all(waiting)).flat(), reader.SAME);
}

// Slide the finder over a picture of some size as it is; boxes are in its own pixels.
export async function lookAt(image, reader) {
  return toCandidates(await slideFinder(localContrast(image, reader), reader), reader);
}

// Candidates where the finder's answers are hottest.
export function toCandidates({ rows, columns, channels, values }, reader) {
  const { LEAST_HEAT, STRIDE, BOX_UNIT, LEAST_SIZE, MOST_SIZE } = reader;
  const heat = Float32Array.from({ length: rows * columns }, (_, at) =>
    sigmoid(values[at * channels]),
  );
  const hottest = (row, column) => {
    const own = heat[row * columns + column];
    if (!(own > LEAST_HEAT)) return false;
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++)
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++)
        if (heat[y * columns + x] > own) return false;
    return true;
  };
  const mirrored = (at, side) =>
    side === 1 ? 0 : at < 0 ? -at : at < side ? at : 2 * side - 2 - at;
  const opinions = (row, column) => {
    // cells next to the hottest have one on the class, too
    const sums = new Float64Array(10);
    let total = 0;
    for (let k = 0; k < 9; k++) {
      const y = mirrored(row - 1 + Math.floor(k / 3), rows);
      const at = y * columns + mirrored(column - 1 + (k % 3), columns);
      total += heat[at];
      for (let digit = 0; digit < 10; digit++)
        sums[digit] += heat[at] * values[at * channels + 1 + digit];
    }
    return logSoftmax(Float32Array.from(sums, (sum) => sum / total));
  };
  const candidates = [];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      if (!hottest(row, column)) continue;
      const at = row * columns + column;
      const [x, y] = [STRIDE * (column + 0.5), STRIDE * (row + 0.5)];
      const reach = [0, 1, 2, 3].map((side) => BOX_UNIT * values[at * channels + 11 + side]);
      const box = [x - reach[0], y - reach[1], x + reach[2], y + reach[3]];
      const size = Math.max(box[2] - box[0], box[3] - box[1]);
      if (size > LEAST_SIZE && size < MOST_SIZE)
        candidates.push({
          box: box.map(Math.fround),
          heat: heat[at],
          classes: opinions(row, column),
        });
    }
  return candidates;
}

// Ask the segmenter about each candidate: its own ink, and whether it is a digit.
export function lookAgain(image, candidates, reader) {
  return Promise.all(
    candidates.map(async ({ box, heat, classes }) => {
      const { view, grey } = crop(image, box, reader);
      const [logits, answers] = await reader.ask("segmenter", view, [
        reader.CROP_SIDE,
        reader.CROP_SIDE,
        1,
      ]);
      const second = logSoftmax(answers.data);
      const ink = logits.data.map(sigmoid);
      const around = weightedMean(
        grey,
        ink.map((own) => 1 - own),
      );
      const levels = grey.map((level) => level - around);
      const digits = logSoftmax(second.subarray(0, 10));
      return {
        box,
        heat: Math.sqrt(heat * (1 - Math.exp(second[10]))),
        classes: logSoftmax(digits.map((value, digit) => (value + classes[digit]) / 2)),
        ink,
        levels,
        contrast: weightedMean(levels, ink),
      };
    }),
  );
}

// The weighted mean; of no weight at all, 0.
function weightedMean(values, weights) {
  let [sum, weight] = [0, 1e-3];
  for (let at = 0; at < values.length; at++) {
    sum += values[at] * weights[at];
    weight += weights[at];
  }
  return sum / weight;
}

// Those that stay where several boxes are on one thing, the one with the most heat first.
export function bestOfSame(candidates, same, inside = 1.1) {
  const left = candidates.toSorted((one, other) => other.heat - one.heat);
  const area = (l, t, r, b) => Math.max(r - l, 1e-3) * Math.max(b - t, 1e-3);
  const stay = [];
  for (const candidate of left) {
    const own = area(...candidate.box);
    const isAnother = ({ box: [l, t, r, b] }) => {
      const [x0, y0, x1, y1] = candidate.box;
      const common =
        Math.max(Math.min(x1, r) - Math.max(x0, l), 0) *
        Math.max(Math.min(y1, b) - Math.max(y0, t), 0);
      const other = area(l, t, r, b);
      return common / (own + other - common) <= same && common <= inside * Math.min(own, other);
    };
    if (stay.every(isAnother)) stay.push(candidate);
  }
  return stay;
}

// Sizes beside the picture's, from large to small.
function scales({ width, height }, reader) {
  const { MOST_PIXELS, FEW_PIXELS, FACTOR, MOST_ENLARGED, LONGEST_SIDE, LEAST_SIDE } = reader;
  const area = width * height;
  const longer = Math.max(width, height);
  const enlarged = Math.round(Math.log(FEW_PIXELS / area) / Math.log(FACTOR) / 2);
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / area)) * FACTOR ** Math.max(0, enlarged);
  const sizes = [Math.min(scale, MOST_ENLARGED, LONGEST_SIDE / longer)];
  while ((sizes.at(-1) / FACTOR) * longer >= LEAST_SIDE) sizes.push(sizes.at(-1) / FACTOR);
  return sizes;
}
