// The pad in the browser: ink at once, strokes to the kernel, its answers shown.

const GRID = 10000; // steps to the pad's height; a point is [x, y, width, ms since the last one]
const FINE = 80; // steps; a point nearer than this to the one before adds nothing
const SPACING = 0.4 * GRID; // of new ink, until the kernel hears of it
const PATIENCE = 700; // ms, after which an answer is late
const REST = 1500; // ms without a stroke, until the saved notebook's picture is renewed
const MOST = 19000; // points in a drawing, about

const BUSY = "The kernel is busy. Your ink is safe; the answer will come.";
const GONE = "The kernel has stopped. Your ink stays; run the cell again for answers.";
const HELP = `Drawing pad. Arrow keys move, with Shift a little; Space puts the pen down or up;
Control Z is undo, Control Y redo, Escape clears.`;
const BARS = "<li><b></b><i><s></s></i><span></span></li>".repeat(10);
const PAGE = `
<p class="mnl-task" hidden></p>
<div class="mnl-row">
<div class="mnl-left">
<div class="mnl-board">
<canvas tabindex="0" role="application" aria-label="${HELP}"></canvas>
<span hidden></span>
</div>
<div class="mnl-tools">
<button name="undo" title="Ctrl+Z">Undo</button>
<button name="redo" title="Ctrl+Y">Redo</button>
<button name="clear" title="Esc">Clear</button>
<label>Pen <input type="range" min="0.03" max="0.16" step="0.01"></label>
<button name="keep" title="Enter" hidden>Keep it</button>
</div>
</div>
<figure>
<canvas width="28" height="28" role="img" aria-label="The digit as the network sees it"></canvas>
<figcaption>what the network sees</figcaption>
</figure>
<div class="mnl-right">
<p class="mnl-words"></p>
<ul aria-label="Probability of each digit">${BARS}</ul>
</div>
</div>
<p class="mnl-note" role="status"></p>
<p class="mnl-said" role="status"></p>`;

const pack = (strokes) =>
  new DataView(Int16Array.from(strokes.flatMap((s) => [...s, [0, 0, 0, 0]]).flat()).buffer);

function unpack(view) {
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

function render({ model, el, signal }) {
  const root = document.createElement("div");
  root.className = "mnl-pad";
  root.innerHTML = PAGE;
  el.append(root);
  const [board, seen] = root.querySelectorAll("canvas");
  const context = board.getContext("2d");
  const [task, cursor, words, note, said] = root.querySelectorAll("p, canvas + span");
  const slider = root.querySelector("input");
  const buttons = root.querySelectorAll("button");
  for (const each of [board, slider, ...buttons])
    each.dataset.lmSuppressShortcuts = true; // or "a" and "b" add cells in JupyterLab
  const listen = (on, event, act) => on.addEventListener(event, act, { signal });

  let strokes = unpack(model.get("_drawing").ink);
  let past = []; // for undo
  let future = [];
  let open; // the stroke in hand
  let pointer = null; // who draws, or "keys"
  let spot = [GRID / 2, GRID / 2]; // the keyboard's cursor
  let stamp = 0; // when the last point was set
  let fresh = 0; // steps of ink not sent yet
  let number = 0; // of the last drawing sent
  let waiting = 0; // that of the one under way, or 0
  let lost = false; // the kernel
  let behind = false; // there is newer ink
  let oldest = 0; // answers to drawings before this one are dropped
  let keeping = false; // it is to be put to those kept
  let penSeen = false; // then a touch is a palm
  let late, rest;

  // The ink

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

  function replaced() {
    oldest = Math.max(number, model.get("_drawing").number) + 1;
    paint();
    send();
    if (waiting && !strokes.length) show({ probabilities: [], ask: task.textContent });
  }

  function travel(from, to) {
    end();
    if (!from.length) return;
    to.push(strokes);
    strokes = from.pop();
    replaced();
  }

  function clear() {
    end();
    if (strokes.length) change([]), replaced();
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
    if (strokes.flat().length > MOST) return;
    for (const [x, y, width, time] of points) {
      const [lastX, lastY] = open.at(-1) ?? [Infinity, 0];
      const way = Math.hypot(x - lastX, y - lastY);
      if (way < FINE) continue;
      open.push([x, y, width, stamp && within(Math.round(time - stamp), 0, 32767)]);
      stamp = time;
      fresh += open.length > 1 ? way : 0;
    }
    ink(context, open, from);
    if (fresh > SPACING) send();
  }

  function end() {
    if (!open) return;
    if (!open.length) strokes = past.pop();
    open = pointer = null;
    send();
  }

  // To the kernel and back: never more than one drawing under way, and the latest one wins

  function send() {
    clearTimeout(rest);
    fresh = 0;
    behind = waiting > 0;
    if (behind) return;
    waiting = number = Math.max(number, model.get("_drawing").number) + 1;
    model.set("_drawing", { number, ink: pack(strokes), keep: keeping });
    model.save_changes();
    keeping = false;
    root.dataset.sent = number;
    late = setTimeout(tell, PATIENCE, BUSY);
  }

  function answered() {
    const answer = model.get("_answer");
    if (answer.number >= waiting) {
      clearTimeout(late);
      waiting = 0;
      lost = false;
    }
    if (answer.number >= oldest) show(answer);
    clearTimeout(rest);
    if (behind) send();
    else if (!open) rest = setTimeout(() => model.send({ kind: "picture" }), REST);
  }

  function elsewhere() {
    const drawing = model.get("_drawing");
    if (drawing.number === number || open) return; // ours, or out of date
    change(unpack(drawing.ink));
    oldest = number = drawing.number;
    waiting = 0;
    paint();
  }

  const tell = (text) => (note.textContent = lost ? GONE : text);

  function cut() {
    lost = true; // until there is an answer again
    waiting = 0;
    send();
    tell();
  }

  function show(answer) {
    const chances = answer.probabilities;
    const best = chances.indexOf(Math.max(...chances));
    root.querySelectorAll("li").forEach((row, digit) => {
      const chance = chances[digit] ?? 0;
      row.classList.toggle("mnl-best", digit === best);
      const [name, bar, value] = row.children;
      name.textContent = digit;
      bar.firstChild.style.transform = `scaleX(${chance})`;
      const percent = Math.min(99.9, 100 * chance).toFixed(1);
      value.textContent = percent > 0 ? `${percent} %` : "";
    });
    const sight = new ImageData(28, 28); // clear, over black: ink by its opacity
    sight.data.fill(255);
    for (let at = 0; at < 784; at++) sight.data[4 * at + 3] = answer.seen?.getUint8?.(at) ?? 0;
    seen.getContext("2d").putImageData(sight, 0, 0);
    words.textContent = answer.words || answer.verdict || "Draw a digit.";
    task.hidden = buttons[3].hidden = !answer.ask;
    task.textContent = answer.ask;
    tell(answer.error);
    if (!open) said.textContent = words.textContent;
    root.dataset.shown = answer.number ?? "";
  }

  // The hand

  function place(event) {
    const { left, top, width } = board.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top].map((pixels) =>
      within(Math.round((pixels / width) * GRID), -30000, 30000),
    );
    const press = event.pointerType === "pen" && event.pressure ? 0.5 + event.pressure : 1;
    return [x, y, Math.round(model.get("pen") * press * GRID), event.timeStamp];
  }

  listen(board, "pointerdown", (event) => {
    penSeen ||= event.pointerType === "pen";
    if (pointer !== null || event.button || (penSeen && event.pointerType === "touch")) return;
    event.preventDefault();
    board.setPointerCapture(event.pointerId);
    board.focus({ preventScroll: true });
    cursor.hidden = true;
    begin(event.pointerId, place(event));
  });
  listen(board, "pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    add((all.length ? all : [event]).map(place));
  });
  for (const over of ["pointerup", "lostpointercapture"])
    listen(board, over, (event) => event.pointerId === pointer && end());
  listen(board, "contextmenu", (event) => event.preventDefault()); // a pen held down

  const here = (time) => [...spot, Math.round(model.get("pen") * GRID), time];

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
    said.textContent = `Pen ${down ? "down" : "up"} at ${x}, ${y} of 100.`;
  }

  function keep() {
    end();
    keeping = strokes.length > 0 && !task.hidden;
    if (keeping) send();
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
    Enter: keep,
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

  [undo, redo, clear, keep].forEach((act, at) => listen(buttons[at], "click", act));
  listen(slider, "input", () => (model.set("pen", +slider.value), model.save_changes()));
  listen(window, "resize", paint); // also when the page is zoomed
  const size = new ResizeObserver(paint);
  size.observe(board);

  const fit = () => (slider.value = model.get("pen"));
  model.on("change:_answer", answered);
  model.on("change:_drawing", elsewhere);
  model.on("change:pen", fit);
  model.on("comm_live_update", cut);
  fit();
  paint();
  show(model.get("_answer"));

  return () => {
    size.disconnect();
    clearTimeout(late);
    clearTimeout(rest);
  };
}

export default { render };
