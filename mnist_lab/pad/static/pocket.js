// The page for the pocket: draw or photograph digits, and see a network read them.
//
// The same text runs in the page and in a worker, where a photo is read without freezing anything.

import { loadNetwork } from "./forward.js";
import { mountMicroscope } from "./microscope.js";
import { loadReader, readPage, toGrey } from "./reading.js";

const PIXELS = 1_000_000; // that a larger photo is reduced to
const MIN_SIDE = 3; // pixels
const MIN_SURE = 0.5; // below which an answer gets a question mark
const FAILED = "This picture could not be read. Try another one.";
const HEIC = `Take the photo with the button above, set the camera to “most compatible”, or send a screenshot.`;

// In the worker

// A photo, no larger than is needed: as a picture to show, and in grey levels.
async function takeSmaller(file) {
  const photo = await createImageBitmap(file);
  const scale = Math.min(1, Math.sqrt(PIXELS / (photo.width * photo.height)));
  const [width, height] = [photo.width, photo.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff"; // under what is transparent
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(photo, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return { picture: canvas.transferToImageBitmap(), grey: toGrey(data), width, height };
}

function work() {
  let reader;
  onmessage = async ({ data: { described, file } }) => {
    if (described) {
      const [all, classifier] = described.map((text) => JSON.parse(text));
      reader = loadReader({ ...all, networks: { ...all.networks, classifier } });
      return;
    }
    let photo;
    try {
      photo = await takeSmaller(file);
    } catch {
      return postMessage({ refused: true });
    }
    const { picture, grey, width, height } = photo;
    postMessage({ picture }, [picture]);
    if (Math.min(width, height) < MIN_SIDE) return postMessage({ digits: [], lines: [] });
    try {
      postMessage(await readPage(grey, width, height, reader, (done) => postMessage({ done })));
    } catch ({ message }) {
      postMessage({ error: message });
    }
  };
}

// In the page

const percent = (chance) => (chance > 0.9995 ? "over 99.9 %" : `${(100 * chance).toFixed(1)} %`);

function refusal({ name, type }) {
  if (/hei[cf]$/i.test(name) || /hei[cf]/.test(type)) return `This browser cannot read ${name}, a HEIC picture. ${HEIC}`;
  return `${name} is no picture that this browser can read. Choose a JPEG or a PNG.`;
}

function start() {
  const find = (selector) => document.querySelector(selector);
  const [draw, photo, state, busy, frame, digit] = ["draw", "photo", "state", "busy", "picture", "digit"].map((name) =>
    find(`.pocket-${name}`),
  );
  const network = loadNetwork(JSON.parse(find("#network").textContent));
  mountMicroscope(draw.appendChild(document.createElement("div")), [[network]]);

  let worker, inside;
  const say = (text) => (state.textContent = text);

  function wake() {
    if (worker) return worker;
    const address = URL.createObjectURL(new Blob([find("#program").textContent]));
    worker = new Worker(address);
    worker.onerror = ({ message }) => fail(`${FAILED} (${message})`);
    worker.postMessage({ described: ["#reader", "#network"].map((id) => find(id).textContent) });
    return worker;
  }

  function stop() {
    worker?.terminate();
    worker = undefined;
    busy.hidden = true;
  }

  function fail(text) {
    stop();
    say(text);
  }

  function read(file) {
    if (!busy.hidden) stop(); // another one is being read
    frame.hidden = digit.hidden = true;
    busy.hidden = false;
    busy.firstChild.removeAttribute("value");
    say(`Opening ${file.name} …`);
    const reading = wake();
    reading.onmessage = ({ data }) => {
      if (data.error) fail(`${FAILED} (${data.error})`);
      else if (data.refused) {
        busy.hidden = true;
        say(refusal(file));
      } else if (data.picture) show(data.picture);
      else if (data.done !== undefined) busy.firstChild.value = data.done;
      else tell(data);
    };
    reading.postMessage({ file });
  }

  function show(picture) {
    const canvas = frame.firstChild;
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    canvas.ariaLabel = "Your picture";
    frame.querySelectorAll("button").forEach((button) => button.remove());
    frame.hidden = false;
    say("Reading …");
  }

  function tell({ digits, lines }) {
    busy.hidden = true;
    const { width, height } = frame.firstChild;
    const tall = digits.map(({ box }) => box[3]).sort((a, b) => a - b)[digits.length >> 1];
    frame.style.setProperty("--size", `${Math.min((45 * tall) / width, 6)}cqw`);
    const answers = digits.map((found, at) => {
      const best = found.probabilities.indexOf(Math.max(...found.probabilities));
      const sure = found.probabilities[best];
      const button = document.createElement("button");
      const [x, y, w, h] = found.box;
      const place = { left: x / width, top: y / height, width: w / width, height: h / height };
      for (const [side, share] of Object.entries(place)) button.style[side] = `${100 * share}%`;
      button.innerHTML = `<b>${best}${sure < MIN_SURE ? "?" : ""}</b>`;
      button.ariaLabel = `${button.textContent}, ${percent(sure)} sure: look inside`;
      button.classList.toggle("pocket-doubtful", sure < MIN_SURE);
      const title = `Digit ${at + 1} of ${digits.length}: ${best === 8 ? "an" : "a"} ${best} (${percent(sure)})`;
      button.onclick = () => look(button, found.digit, title);
      frame.append(button);
      return button.textContent;
    });
    const text = lines.map((line) => line.map((at) => answers[at]).join(" ")).join(" / ");
    say(text ? `Read: ${text}. Tap a digit to look inside.` : "No digit found. Go nearer, in even light, and take only the writing.");
  }

  function look(button, seen, title) {
    frame.querySelectorAll("button").forEach((each) => (each.ariaPressed = each === button));
    digit.hidden = false;
    digit.firstChild.textContent = title;
    inside ??= mountMicroscope(digit.lastChild, [[network]], { draw: false, digit: seen });
    inside.show(seen);
    digit.scrollIntoView({ block: "nearest" });
  }

  const tabs = document.querySelectorAll("nav button");
  const choose = (name) => {
    tabs.forEach((tab) => (tab.ariaPressed = tab.name === name));
    draw.hidden = name !== "draw";
    photo.hidden = name !== "photo";
    if (name === "photo") wake(); // it gets ready meanwhile
  };
  tabs.forEach((tab) => (tab.onclick = () => choose(tab.name)));
  find("[name=stop]").onclick = () => fail("Stopped.");
  for (const input of document.querySelectorAll("input[type=file]"))
    input.onchange = () => {
      if (input.files.length) read(input.files[0]);
      input.value = ""; // so that the same one can be chosen again
    };
}

if (globalThis.document) start();
else work();
