// The board: what a pen, a finger, a mouse or the keyboard draws, with undo and redo.

export const GRID = 10000; // steps to the board's height; a point is [x, y, width, ms since the last]
const FINE = 80; // steps; a point nearer than this to the one before adds nothing
const MOST = 19000; // points in a drawing, about
const PALM = 2000; // ms after a pen was seen, in which a touch is a palm

const RESTING = `A pen is in use: a touch counts as a palm. Put the pen away for ${PALM / 1000}
seconds, and a finger draws.`;

const HELP = `Drawing pad. Arrow keys move, with Shift a little; Space puts the pen down or up;
Control Z is undo, Control Y redo, Escape clears.`;
export const BOARD = `
<div class="mnl-board">
<canvas tabindex="0" role="application" aria-label="${HELP}"></canvas>
<span hidden></span>
</div>
<div class="mnl-tools">
<button name="undo" title="Ctrl+Z">Undo</button>
<button name="redo" title="Ctrl+Y">Redo</button>
<button name="clear" title="Esc">Clear</button>
<label>Pen <input type="range" min="0.03" max="0.16" step="0.01" value="0.08"></label>
</div>`;

export const pack = (strokes) =>
  new DataView(Int16Array.from(strokes.flatMap((s) => [...s, [0, 0, 0, 0]]).flat()).buffer);

export function unpack(view) {
  const strokes = [[]];
  for (let at = 0; at < (view?.byteLength ?? 0); at += 8) {
    const point = [0, 2, 4, 6].map((offset) => view.getInt16(at + offset, true));
    if (point[2]) strokes.at(-1).push(point);
    else strokes.push([]); // a width of 0 ends a stroke
  }
  return strokes.filter((stroke) => stroke.length);
}

function ink(context, stroke, from = 0) {
  context.lineCap = "round";
  context.strokeStyle = "#fff";
  for (let at = from; at < stroke.length; at++) {
    const [x, y, width] = stroke[Math.max(0, at - 1)];
    context.lineWidth = (width + stroke[at][2]) / 2;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(stroke[at][0] + 0.1, stroke[at][1]); // or a dot is nothing
    context.stroke();
  }
}

const within = (value, low, high) => Math.max(low, Math.min(high, value));

// Bring the `BOARD` that stands in `root` to life. `drawn(way)` is told of new ink, so many steps
// long, `ended()` of a pen that is up, `replaced()` of undo, redo and clear; `say` takes words, and
// `pen` gives the width of the line in heights, by default the slider's.
export function mountBoard(root, { strokes = [], drawn, ended, replaced, say, pen, signal }) {
  const board = root.querySelector(".mnl-board canvas");
  const context = board.getContext("2d");
  const cursor = board.nextElementSibling;
  const slider = root.querySelector(".mnl-tools input");
  const buttons = root.querySelectorAll(".mnl-tools button");
  for (const each of [board, slider, ...buttons])
    each.dataset.lmSuppressShortcuts = true; // or "a" and "b" add cells in JupyterLab
  const listen = (on, event, act) => on.addEventListener(event, act, { signal });
  pen ??= () => +slider.value;

  let past = []; // for undo
  let future = [];
  let open; // the stroke in hand
  let pointer = null; // who draws, or "keys"
  let spot = [GRID / 2, GRID / 2]; // the keyboard's cursor
  let stamp = 0; // when the last point was set
  let touching = false; // whether it is a finger, or a palm
  let penSeen = -Infinity; // when a pen was last near

  function paint() {
    const pixels = Math.round(board.clientWidth * devicePixelRatio);
    if (board.width !== pixels) board.width = board.height = pixels;
    context.setTransform(pixels / GRID, 0, 0, pixels / GRID, 0, 0);
    context.clearRect(0, 0, GRID, GRID);
    strokes.forEach((stroke) => ink(context, stroke));
    tidy();
  }

  function tidy() {
    const none = !strokes.length;
    root.classList.toggle("mnl-empty", none);
    const idle = [!past.length, !future.length, none, none];
    buttons.forEach((button, at) => (button.ariaDisabled = idle[at]));
  }

  function change(next) {
    past.push(strokes);
    future = [];
    strokes = next;
  }

  function travel(from, to) {
    end();
    if (!from.length) return;
    to.push(strokes);
    strokes = from.pop();
    paint();
    replaced();
  }

  function clear() {
    end();
    if (!strokes.length) return;
    change([]);
    paint();
    replaced();
  }

  function begin(who, point) {
    pointer = who;
    open = [];
    change([...strokes, open]);
    add([point]);
    tidy();
  }

  function add(points) {
    const from = open.length;
    let length = 0;
    if (strokes.flat().length > MOST) return;
    for (const [x, y, width, time] of points) {
      const [lastX, lastY] = open.at(-1) ?? [Infinity, 0];
      const way = Math.hypot(x - lastX, y - lastY);
      if (way < FINE) continue;
      open.push([x, y, width, stamp && within(Math.round(time - stamp), 0, 32767)]);
      stamp = time;
      length += open.length > 1 ? way : 0;
    }
    ink(context, open, from);
    drawn(length);
  }

  function end() {
    if (!open) return;
    if (!open.length) strokes = past.pop();
    open = pointer = null;
    touching = false;
    ended();
  }

  // The hand

  function sight(event) {
    if (event.pointerType === "pen") penSeen = event.timeStamp;
  }

  function withdraw() {
    if (open) strokes = past.pop();
    open = pointer = null;
    touching = false;
    paint();
  }

  function place(event) {
    const { left, top, width } = board.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top].map((pixels) =>
      within(Math.round((pixels / width) * GRID), -30000, 30000),
    );
    const press = event.pointerType === "pen" && event.pressure ? 0.5 + event.pressure : 1;
    return [x, y, Math.round(pen() * press * GRID), event.timeStamp];
  }

  listen(board, "pointerdown", (event) => {
    const touch = event.pointerType === "touch";
    sight(event);
    if (touch && event.timeStamp - penSeen < PALM) return say(RESTING);
    if (touching && event.pointerType === "pen") withdraw(); // it was a palm
    if (pointer !== null || event.button) return;
    touching = touch;
    event.preventDefault();
    board.setPointerCapture(event.pointerId);
    board.focus({ preventScroll: true });
    cursor.hidden = true;
    begin(event.pointerId, place(event));
  });
  listen(board, "pointermove", (event) => {
    sight(event);
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    add((all.length ? all : [event]).map(place));
  });
  for (const over of ["pointerup", "lostpointercapture"])
    listen(board, over, (event) => {
      sight(event);
      if (event.pointerId === pointer) end();
    });
  listen(board, "contextmenu", (event) => event.preventDefault()); // a pen held down

  const here = (time) => [...spot, Math.round(pen() * GRID), time];

  function move(event, right, down) {
    const step = GRID / (event.shiftKey ? 100 : 20);
    spot = [spot[0] + right * step, spot[1] + down * step].map((v) => within(v, 0, GRID));
    if (pointer === "keys") add([here(event.timeStamp)]);
    cursor.hidden = false;
    cursor.className = pointer === "keys" ? "mnl-down" : "";
    cursor.style.inset = `${spot[1] / 100}% auto auto ${spot[0] / 100}%`;
  }

  function lower(event) {
    const down = pointer === null;
    if (down) begin("keys", here(event.timeStamp));
    else end();
    move(event, 0, 0);
    const [x, y] = spot.map((value) => Math.round(value / 100));
    say(`Pen ${down ? "down" : "up"} at ${x}, ${y} of 100.`);
  }

  const undo = () => travel(past, future);
  const redo = () => travel(future, past);
  const everywhere = { Escape: clear, zfalse: undo, ztrue: redo, yfalse: redo };
  const onBoard = {
    ArrowLeft: (event) => move(event, -1, 0),
    ArrowRight: (event) => move(event, 1, 0),
    ArrowUp: (event) => move(event, 0, -1),
    ArrowDown: (event) => move(event, 0, 1),
    " ": lower,
  };
  listen(root, "keydown", (event) => {
    const chord = event.ctrlKey || event.metaKey;
    const key = chord ? event.key.toLowerCase() + event.shiftKey : event.key;
    const act = everywhere[key] ?? (event.target === board && onBoard[key]);
    if (!act) return; // Tab and the rest are not ours
    event.preventDefault();
    event.stopPropagation();
    act(event);
  });

  [undo, redo, clear].forEach((act, at) => listen(buttons[at], "click", act));
  listen(window, "resize", paint); // also when the page is zoomed
  const size = new ResizeObserver(paint);
  size.observe(board);
  signal?.addEventListener("abort", () => size.disconnect());
  paint();

  return {
    end,
    get strokes() {
      return strokes;
    },
    get drawing() {
      return Boolean(open);
    },
    replace(next) {
      change(next);
      paint();
    },
  };
}
