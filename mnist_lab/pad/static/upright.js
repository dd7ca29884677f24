// Which way is up: pictures turned, and boxes on a turned picture turned back. As
// mnist_lab/reading/upright.py.

import { bestOfSame, lookAgain, lookAt } from "./find.js";
import { newImage, round, within } from "./pixels.js";
import { cut, resize } from "./views.js";

const { fround } = Math;
export const UNTURNED = [
  [1, 0, 0],
  [0, 1, 0],
];

// Whether a picture is not much larger once it is turned by some degrees.
export function canTurn({ width, height }, degrees, { MAX_GROWTH }) {
  const [wide, high] = roomOf(width, height, degrees);
  return wide * high <= MAX_GROWTH * width * height;
}

// The width and the height that a turned picture takes.
function roomOf(width, height, degrees) {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
  return [cos * width + sin * height, sin * width + cos * height];
}

// Turn a picture whose writing is turned by some degrees, clockwise, so that it is upright. Also
// gives the matrix from places in the new picture to places in the old one.
export function turnBack(image, degrees) {
  const { data, width, height } = image;
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const turned = newImage(
    ...roomOf(width, height, degrees).map((side) => Math.max(1, round(side))),
  );
  const [w, h] = [turned.width / 2, turned.height / 2];
  const shift = [width / 2 - cos * w + sin * h, height / 2 - sin * w - cos * h];
  const paper = median(image);
  const level = (x, y) =>
    x >= 0 && x < width && y >= 0 && y < height ? data[y * width + x] : paper;
  // places are of pixels' corners, OpenCV's are of their middles; 32 bits, as it has them
  const way = [
    [cos, -sin],
    [sin, cos],
  ].map((line, k) => [...line, shift[k] + (line[0] + line[1]) / 2 - 0.5].map(fround));
  const place = ([a, b, c], column, row) => fround(a * column + fround(b * row + c));
  const between = (one, other, share) => fround(one + share * (other - one));
  for (let row = 0; row < turned.height; row++)
    for (let column = 0; column < turned.width; column++) {
      const [x, y] = [place(way[0], column, row), place(way[1], column, row)];
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const above = between(level(left, top), level(left + 1, top), x - left);
      const below = between(level(left, top + 1), level(left + 1, top + 1), x - left);
      turned.data[row * turned.width + column] = round(between(above, below, y - top));
    }
  return [
    turned,
    [
      [cos, -sin, shift[0]],
      [sin, cos, shift[1]],
    ],
  ];
}

// The median of every eighth pixel of every eighth row.
function median({ data, width, height }) {
  const levels = [];
  for (let y = 0; y < height; y += 8)
    for (let x = 0; x < width; x += 8) levels.push(data[y * width + x]);
  levels.sort((a, b) => a - b);
  const middle = (levels.length - 1) / 2;
  return Math.trunc((levels[Math.floor(middle)] + levels[Math.ceil(middle)]) / 2);
}

// A box on a turned picture as a box on the old one. A digit is taken for an ellipse.
export function boxInPicture([left, top, right, bottom], matrix) {
  const sides = matrix.map(([a, b, shift]) => {
    const middle = (a * (left + right)) / 2 + (b * (top + bottom)) / 2 + shift;
    const reach = Math.hypot((a * (right - left)) / 2, (b * (bottom - top)) / 2);
    return [middle - reach, middle + reach];
  });
  return [sides[0][0], sides[1][0], sides[0][1], sides[1][1]];
}

// How much a candidate counts: surely a digit, and of ink that stands out.
const weigh = ({ heat, contrast }) => heat * Math.abs(contrast);
const total = (values) => values.reduce((sum, value) => sum + value, 0);

// By how many degrees, clockwise, a picture's writing is turned: a multiple of 90.
export async function quarterTurn(image, looked, reader) {
  if (!looked.some(weigh)) return 0;
  const part = partOf(image, looked, reader);
  const ways = [0, 1, 2, 3].map(async (quarters) => {
    const turned = rotate(part, quarters);
    const found = bestOfSame(await lookAt(turned, reader), reader.SAME).slice(0, reader.COMPARED);
    const again = bestOfSame(
      await lookAgain(turned, found, reader),
      reader.SAME_DIGIT,
      reader.INSIDE,
    );
    const evidence = again.map(
      (each) => each.heat * Math.exp(2 * Math.max(...each.classes)) * weigh(each),
    );
    return [total(evidence), total(again.map(weigh))];
  });
  const [upright, ...others] = await Promise.all(ways);
  let [best, degrees] = [reader.UPRIGHT * upright[0], 0];
  others.forEach(([evidence, weight], k) => {
    if (evidence > reader.MIN_SURE * weight && evidence >= best)
      [best, degrees] = [evidence, 90 * (k + 1)];
  });
  return degrees;
}

// Turn a picture by so many quarters, anticlockwise.
function rotate({ data, width, height }, quarters) {
  if (!quarters) return { data, width, height };
  const turned = newImage(height, width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) turned.data[(width - 1 - x) * height + y] = data[y * width + x];
  return rotate(turned, quarters - 1);
}

// A square of a picture, as large as the finder likes: where most digits of weight are.
function partOf(image, looked, { PART, DIGIT_SIDE, MOST_ENLARGED }) {
  const side = ({ box }) => Math.max(box[2] - box[0], box[3] - box[1]);
  const all = total(looked.map(weigh));
  let climb = 0;
  const usual = looked
    .toSorted((a, b) => side(a) - side(b))
    .find((each) => (climb += weigh(each)) >= all / 2);
  const scale = Math.min(DIGIT_SIDE / side(usual), MOST_ENLARGED);
  const middles = looked.map(({ box: [left, top, right, bottom] }) => [
    (left + right) / 2,
    (top + bottom) / 2,
  ]);
  const reach = PART / 2 / scale;
  const near = middles.map(([x, y]) =>
    total(
      looked.map((each, k) =>
        Math.max(Math.abs(middles[k][0] - x), Math.abs(middles[k][1] - y)) < reach
          ? weigh(each)
          : 0,
      ),
    ),
  );
  const [x, y] = middles[near.indexOf(Math.max(...near))];
  const length = Math.trunc(PART / scale);
  const begin = (at, whole) => Math.trunc(within(at - length / 2, 0, Math.max(0, whole - length)));
  const [left, top] = [begin(x, image.width), begin(y, image.height)];
  return resize(cut(image, left, top, left + length, top + length), scale);
}
