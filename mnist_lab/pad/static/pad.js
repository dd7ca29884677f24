// The pad in the browser: ink at once, strokes to the kernel, its answers shown.

import { BOARD, GRID, mountBoard, pack, unpack } from "./board.js";

const SPACING = 0.4 * GRID; // of new ink, until the kernel hears of it
const PATIENCE = 700; // ms, after which an answer is late
const REST = 1500; // ms without a stroke, until the saved notebook's picture is renewed

const BUSY = "The kernel is busy. Your ink is safe; the answer will come.";
const GONE = "The kernel has stopped. Your ink stays; run the cell again for answers.";
const BARS = "<li><b></b><i><s></s></i><span></span></li>".repeat(10);
const PAGE = `
<p class="mnl-task" hidden></p>
<div class="mnl-row">
<div class="mnl-left">
${BOARD}
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

function render({ model, el, signal }) {
  const root = document.createElement("div");
  root.className = "mnl mnl-pad";
  root.innerHTML = PAGE;
  el.append(root);
  const seen = root.querySelector("figure canvas");
  const [task, words, note, said] = root.querySelectorAll("p");
  const tools = root.querySelector(".mnl-tools");
  const slider = tools.querySelector("input");
  const keeper = document.createElement("button");
  Object.assign(keeper, { name: "keep", title: "Enter", textContent: "Keep it", hidden: true });
  keeper.dataset.lmSuppressShortcuts = true;
  tools.append(keeper);
  slider.value = model.get("pen");
  const listen = (on, event, act) => on.addEventListener(event, act, { signal });

  let fresh = 0; // steps of ink not sent yet
  let number = 0; // of the last drawing sent
  let waiting = 0; // that of the one under way, or 0
  let lost = false; // the kernel
  let behind = false; // there is newer ink
  let oldest = 0; // answers to drawings before this one are dropped
  let keeping = false; // it is to be put to those kept
  let late, rest;

  const board = mountBoard(root, {
    strokes: unpack(model.get("_drawing").ink),
    drawn(way) {
      fresh += way;
      if (fresh > SPACING) send();
    },
    ended: () => send(),
    replaced() {
      oldest = Math.max(number, model.get("_drawing").number) + 1;
      send();
      if (waiting && !board.strokes.length) show({ probabilities: [], ask: task.textContent });
    },
    say: (text) => (said.textContent = text),
    pen: () => model.get("pen"),
    signal,
  });

  // To the kernel and back: never more than one drawing under way, and the latest one wins

  function send() {
    clearTimeout(rest);
    fresh = 0;
    behind = waiting > 0;
    if (behind) return;
    waiting = number = Math.max(number, model.get("_drawing").number) + 1;
    model.set("_drawing", { number, ink: pack(board.strokes), keep: keeping });
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
    else if (!board.drawing) rest = setTimeout(() => model.send({ kind: "picture" }), REST);
  }

  function elsewhere() {
    const drawing = model.get("_drawing");
    if (drawing.number === number || board.drawing) return; // ours, or out of date
    oldest = number = drawing.number;
    waiting = 0;
    board.replace(unpack(drawing.ink));
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
    task.hidden = keeper.hidden = !answer.ask;
    task.textContent = answer.ask;
    tell(answer.error);
    if (!board.drawing) said.textContent = words.textContent;
    root.dataset.shown = answer.number ?? "";
  }

  function keep() {
    board.end();
    keeping = board.strokes.length > 0 && !task.hidden;
    if (keeping) send();
  }

  listen(keeper, "click", keep);
  listen(root, "keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches(".mnl-board canvas")) return;
    event.preventDefault();
    event.stopPropagation();
    keep();
  });
  listen(slider, "input", () => (model.set("pen", +slider.value), model.save_changes()));

  const fit = () => (slider.value = model.get("pen"));
  model.on("change:_answer", answered);
  model.on("change:_drawing", elsewhere);
  model.on("change:pen", fit);
  model.on("comm_live_update", cut);
  show(model.get("_answer"));

  return () => {
    clearTimeout(late);
    clearTimeout(rest);
  };
}

export default { render };
