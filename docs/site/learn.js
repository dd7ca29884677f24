// Ten neurons that learn on the page, as lesson 3 has them: softmax, and steps against the slope.
// DIGITS, in digits.js, has their pictures: 28 by 28 grey levels each, fifty in a row of one picture.
(() => {
  "use strict";
  const SIDE = 28, PIXELS = SIDE * SIDE, ACROSS = 50;
  const BATCH = 20, STEPS = 5; // digits a step, steps a frame
  const WIDE = 600, HIGH = 220, LEFT = 44, BOTTOM = 28; // of the curve
  const COSTLIEST = 2.5; // knowing nothing costs 2.3

  const softmax = (sums) => {
    const powers = sums.map((sum) => Math.exp(sum - Math.max(...sums)));
    const total = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / total);
  };

  // A neuron has a weight for each pixel; `weights[neuron]` is a Float64Array (784,).
  class Neurons {
    constructor() {
      this.weights = Array.from({ length: 10 }, () => new Float64Array(PIXELS));
    }
    guess(pixels) {
      return softmax(this.weights.map((w) => w.reduce((sum, one, at) => sum + one * pixels[at], 0)));
    }
    step(batch, rate) { // a little way against the mean slope
      const wrong = batch.map(({ pixels, label }) =>
        this.guess(pixels).map((given, neuron) => given - (neuron === label)));
      this.weights.forEach((weights, neuron) => batch.forEach(({ pixels }, at) => {
        const part = (rate * wrong[at][neuron]) / batch.length;
        for (let pixel = 0; pixel < PIXELS; pixel++) weights[pixel] -= part * pixels[pixel];
      }));
    }
    measure(digits) { // the mean loss, and the share that is right
      let loss = 0, right = 0;
      for (const { pixels, label } of digits) {
        const given = this.guess(pixels);
        loss -= Math.log(Math.max(given[label], 1e-30)) / digits.length;
        right += given.indexOf(Math.max(...given)) === label;
      }
      return { loss, right: right / digits.length };
    }
  }

  async function load({ picture, labels }) {
    const image = new Image();
    image.src = picture;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    return [...labels].map((label, n) => {
      const { data } = context.getImageData((n % ACROSS) * SIDE, Math.floor(n / ACROSS) * SIDE, SIDE, SIDE);
      return { label: +label, pixels: Float64Array.from({ length: PIXELS }, (_, at) => data[4 * at] / 255) };
    });
  }

  const PAGE = `
<p class="learn-tools"><button name="learn">Learn</button> <button name="anew">Start again</button>
<label>learning rate <input type="range" min="-2" max="1" step="0.1" value="-0.7"> <output></output></label></p>
<svg viewBox="0 0 ${WIDE} ${HIGH}" role="img" aria-label="The loss over the passes: a solid line for the
digits that they learn from, a dashed one for those held back.">
<g class="learn-axes"></g><polyline class="learn-train"/><polyline class="learn-held"/>
<text x="${WIDE - 8}" y="16" text-anchor="end">solid: learnt from; dashed: held back</text></svg>
<div class="learn-weights"></div>
<p role="status"></p>`;

  function mount(root, digits, kept) {
    root.innerHTML = PAGE;
    const find = (selector) => root.querySelector(selector);
    const button = find("[name=learn]"), slider = find("input"), said = find("[role=status]");
    const rate = () => 10 ** slider.value;
    let neurons, steps, curve, running = false;

    for (let digit = 0; digit < 10; digit++)
      find(".learn-weights").insertAdjacentHTML("beforeend",
        `<figure><canvas width="${SIDE}" height="${SIDE}" role="img"
        aria-label="The weights of the neuron for ${digit}"></canvas><figcaption>${digit}</figcaption></figure>`);

    function anew() {
      neurons = new Neurons();
      steps = 0;
      curve = [];
      note();
      said.textContent = "They know nothing yet: one of ten is right by chance.";
    }

    function note() { // a point of the curve
      curve.push([steps * BATCH / digits.length, neurons.measure(digits.slice(0, 200)).loss, neurons.measure(kept).loss]);
      draw();
    }

    function draw() {
      const most = Math.max(5, Math.ceil(curve.at(-1)[0]));
      const x = (pass) => LEFT + (pass / most) * (WIDE - LEFT - 12);
      const y = (loss) => (HIGH - BOTTOM) * (1 - Math.min(loss, COSTLIEST) / COSTLIEST);
      const line = (column) => curve.map((row) => `${x(row[0]).toFixed(1)},${y(row[column]).toFixed(1)}`).join(" ");
      find(".learn-train").setAttribute("points", line(1));
      find(".learn-held").setAttribute("points", line(2));
      const marks = [0, 0.5, 1, 1.5, 2].map((loss) => `<path d="M${LEFT},${y(loss)}H${WIDE - 12}"/>
        <text x="${LEFT - 8}" y="${y(loss) + 4}" text-anchor="end">${loss}</text>`);
      const every = Math.ceil(most / 10);
      for (let pass = 0; pass <= most; pass += every)
        marks.push(`<text x="${x(pass)}" y="${HIGH - 8}" text-anchor="middle">${pass}</text>`);
      find(".learn-axes").innerHTML = `${marks.join("")}<text x="0" y="16">loss</text>
        <text x="${WIDE - 12}" y="${HIGH - 8 - 20}" text-anchor="end">passes</text>`;
      root.querySelectorAll(".learn-weights canvas").forEach((canvas, neuron) => {
        const context = canvas.getContext("2d"), image = context.createImageData(SIDE, SIDE);
        const weights = neurons.weights[neuron];
        const highest = Math.max(1e-9, ...weights.map(Math.abs));
        weights.forEach((weight, at) => { // blue speaks for the digit, red against it
          const pale = 255 * (1 - Math.abs(weight) / highest);
          image.data.set(weight > 0 ? [pale, pale, 255, 255] : [255, pale, pale, 255], 4 * at);
        });
        context.putImageData(image, 0, 0);
      });
    }

    function go() {
      if (!running) return;
      for (let n = 0; n < STEPS; n++, steps++) {
        const at = (steps * BATCH) % digits.length;
        neurons.step(digits.slice(at, at + BATCH), rate());
      }
      note();
      const passes = steps * BATCH / digits.length;
      if (Number.isInteger(passes)) {
        const { loss, right } = neurons.measure(kept);
        said.textContent = `Pass ${passes}: loss ${loss.toFixed(2)}, ${(100 * right).toFixed(0)} % of the ${
          kept.length} digits held back are right.`;
      }
      requestAnimationFrame(go);
    }

    function run(on) {
      running = on;
      button.textContent = on ? "Stop" : "Learn";
      if (on) requestAnimationFrame(go);
    }

    button.onclick = () => run(!running);
    find("[name=anew]").onclick = () => { run(false); anew(); };
    (slider.oninput = () => { find("output").textContent = rate().toPrecision(1); })();
    anew();
  }

  document.querySelectorAll(".learn").forEach(async (root) => {
    const all = await load(DIGITS);
    mount(root, all.slice(0, DIGITS.learn), all.slice(DIGITS.learn));
  });
  window.Neurons = Neurons; // for who wants to try it, by hand or in a test
})();
