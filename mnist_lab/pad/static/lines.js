// Digits to lines, and which way the lines run. As mnist_lab/reading/lines.py.

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// The middle one of numbers, or the mean of the two in the middle.
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

// Put boxes into lines, each from left to right, from the top: lists of places in `boxes`.
export function intoLines(boxes, { MIN_SHARED_HEIGHT }) {
  const lines = [];
  const order = boxes
    .map((_, at) => at)
    .sort((a, b) => boxes[a][0] + boxes[a][2] - boxes[b][0] - boxes[b][2]);
  for (const at of order) {
    const [, high, , low] = boxes[at];
    let [best, most] = [null, MIN_SHARED_HEIGHT];
    for (const line of lines) {
      const last = line.slice(-3);
      const [top, bottom] = [1, 3].map((side) => mean(last.map((k) => boxes[k][side])));
      const common = Math.min(bottom, low) - Math.max(top, high);
      const share = common / Math.max(1e-3, Math.min(bottom - top, low - high));
      if (share > most) [best, most] = [line, share];
    }
    if (best) best.push(at);
    else lines.push([at]);
  }
  const height = (line) => mean(line.flatMap((k) => [boxes[k][1], boxes[k][3]]));
  return lines.sort((a, b) => height(a) - height(b));
}

// By how many degrees lines run down to the right: of neighbours, the median; 0 of few.
export function slant(boxes, { MIN_DIGITS, HEIGHT_RATIO, MIN_STEP, MAX_STEP, MAX_SLOPE }) {
  if (boxes.length < MIN_DIGITS) return 0;
  const marks = boxes.map(([left, top, right, bottom]) => ({
    x: (left + right) / 2,
    y: (top + bottom) / 2,
    height: bottom - top,
  }));
  const angles = [];
  for (const one of marks) {
    let [nearest, drop] = [Infinity, 0];
    for (const other of marks) {
      const [right, down] = [other.x - one.x, other.y - one.y];
      const alike = Math.abs(Math.log(other.height / one.height)) < Math.log(HEIGHT_RATIO);
      const beside = right > MIN_STEP * one.height && right < MAX_STEP * one.height;
      if (alike && beside && Math.abs(down) < MAX_SLOPE * right && right < nearest)
        [nearest, drop] = [right, down];
    }
    if (nearest < Infinity) angles.push(Math.atan2(drop, nearest));
  }
  return angles.length < MIN_DIGITS - 1 ? 0 : (median(angles) * 180) / Math.PI;
}
