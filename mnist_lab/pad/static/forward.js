// A network in the browser: what Keras computes, layer by layer, in plain loops.
//
// A tensor is {shape, data}: data is a Float32Array, row after row, in a row pixel after pixel, in
// a pixel channel after channel. An image has the shape [height, width, channels].

const ACTIVATIONS = {
  linear: (data) => data,
  relu: (data) => data.map((value) => Math.max(0, value)),
  sigmoid: (data) => data.map((value) => 1 / (1 + Math.exp(-value))),
  tanh: (data) => data.map(Math.tanh),
  softmax(data, classes) {
    for (let at = 0; at < data.length; at += classes) {
      const row = data.subarray(at, at + classes);
      const most = Math.max(...row);
      const sum = row.reduce((total, value) => total + Math.exp(value - most), 0);
      row.forEach((value, k) => (row[k] = Math.exp(value - most) / sum));
    }
    return data;
  },
};

export function activate(name, { shape, data }) {
  return { shape, data: ACTIVATIONS[name](data, shape.at(-1)) };
}

// Where a window slides, along one side: how many steps, and how far it begins outside.
export function slide(side, window, stride, padding) {
  if (padding === "valid") return [Math.floor((side - window) / stride) + 1, 0];
  const steps = Math.ceil(side / stride);
  return [steps, Math.max(0, (steps - 1) * stride + window - side) >> 1];
}

// Slide a window over an image: `each(from, to, k)` hears that the window's k-th pixel lies on
// the image's pixel at `from`, for the output's pixel `to`. Beyond the edge there is none.
function forWindows([height, width], [high, wide], [down, right], padding, each) {
  const [rows, above] = slide(height, high, down, padding);
  const [columns, before] = slide(width, wide, right, padding);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let k = 0; k < high * wide; k++) {
        const y = row * down - above + Math.floor(k / wide);
        const x = column * right - before + (k % wide);
        if (y >= 0 && y < height && x >= 0 && x < width)
          each(y * width + x, row * columns + column, k);
      }
  return [rows, columns];
}

// Sums of products: `data` has n inputs from `from` on, `kernel` n rows of an output each.
function addProducts(sums, to, outputs, data, from, n, kernel, at) {
  for (let i = 0; i < n; i++) {
    const value = data[from + i];
    if (value)
      for (let o = 0; o < outputs; o++) sums[to + o] += value * kernel[at + i * outputs + o];
  }
}

function withBias(layer, sums, shape) {
  const { kernel, bias } = layer.weights;
  const outputs = kernel.shape.at(-1);
  const data = Float32Array.from(sums, (sum, at) => sum + (bias ? bias[at % outputs] : 0));
  return activate(layer.activation, { shape: [...shape, outputs], data });
}

const COMPUTE = {
  Conv2D(layer, { shape, data }) {
    const { kernel } = layer.weights;
    const [high, wide, inputs, outputs] = kernel.shape;
    const sizes = [shape, [high, wide], layer.strides];
    const [[rows], [columns]] = [0, 1].map((i) => slide(...sizes.map((s) => s[i]), layer.padding));
    const sums = new Float64Array(rows * columns * outputs);
    forWindows(...sizes, layer.padding, (from, to, k) =>
      addProducts(
        sums,
        to * outputs,
        outputs,
        data,
        from * inputs,
        inputs,
        kernel,
        k * inputs * outputs,
      ),
    );
    return withBias(layer, sums, [rows, columns]);
  },

  Dense(layer, { data }) {
    const [inputs, outputs] = layer.weights.kernel.shape;
    const sums = new Float64Array(outputs);
    addProducts(sums, 0, outputs, data, 0, inputs, layer.weights.kernel, 0);
    return withBias(layer, sums, []);
  },

  MaxPooling2D(layer, { shape, data }) {
    const channels = shape[2];
    const most = [];
    const size = forWindows(shape, layer.pool_size, layer.strides, layer.padding, (from, to) => {
      for (let c = 0; c < channels; c++) {
        const value = data[from * channels + c];
        if (!(most[to * channels + c] >= value)) most[to * channels + c] = value;
      }
    });
    return { shape: [...size, channels], data: Float32Array.from(most) };
  },

  AveragePooling2D(layer, { shape, data }) {
    const channels = shape[2];
    const sums = [];
    const counts = []; // what lies outside does not count
    const size = forWindows(shape, layer.pool_size, layer.strides, layer.padding, (from, to) => {
      counts[to] = (counts[to] ?? 0) + 1;
      for (let c = 0; c < channels; c++) {
        sums[to * channels + c] = (sums[to * channels + c] ?? 0) + data[from * channels + c];
      }
    });
    const means = Float32Array.from(sums, (total, at) => total / counts[Math.floor(at / channels)]);
    return { shape: [...size, channels], data: means };
  },

  BatchNormalization(layer, { shape, data }) {
    const { gamma, beta, moving_mean: mean, moving_variance: variance } = layer.weights;
    const scale = mean.map((_, c) => (gamma?.[c] ?? 1) / Math.sqrt(variance[c] + layer.epsilon));
    const normalised = data.map((value, at) => {
      const c = at % mean.length;
      return (value - mean[c]) * scale[c] + (beta?.[c] ?? 0);
    });
    return { shape, data: normalised };
  },

  Activation: (layer, { shape, data }) => activate(layer.activation, { shape, data: data.slice() }),

  Cropping2D(layer, { shape: [height, width, channels], data }) {
    const [[top, bottom], [left, right]] = layer.cropping;
    const shape = [height - top - bottom, width - left - right, channels];
    const cropped = new Float32Array(shape[0] * shape[1] * channels);
    for (let row = 0; row < shape[0]; row++) {
      const from = ((row + top) * width + left) * channels;
      cropped.set(data.subarray(from, from + shape[1] * channels), row * shape[1] * channels);
    }
    return { shape, data: cropped };
  },

  GlobalAveragePooling2D(layer, { shape, data }) {
    const channels = shape[2];
    const sums = new Float64Array(channels);
    data.forEach((value, at) => (sums[at % channels] += value));
    const pixels = shape[0] * shape[1];
    return { shape: [channels], data: Float32Array.from(sums, (sum) => sum / pixels) };
  },

  UpSampling2D(layer, { shape: [height, width, channels], data }) {
    const [down, right] = layer.size;
    const shape = [height * down, width * right, channels];
    const larger = new Float32Array(shape[0] * shape[1] * channels);
    for (let at = 0; at < shape[0] * shape[1]; at++) {
      const row = Math.floor(at / shape[1] / down);
      const from = (row * width + Math.floor((at % shape[1]) / right)) * channels;
      for (let c = 0; c < channels; c++) larger[at * channels + c] = data[from + c];
    }
    return { shape, data: larger };
  },

  Concatenate(layer, ...tensors) {
    const channels = tensors.reduce((sum, { shape }) => sum + shape.at(-1), 0);
    const shape = [...tensors[0].shape.slice(0, -1), channels];
    const joined = new Float32Array(shape.reduce((product, side) => product * side));
    let first = 0;
    for (const { shape, data } of tensors) {
      const n = shape.at(-1);
      for (let from = 0, to = first; from < data.length; from += n, to += channels)
        for (let c = 0; c < n; c++) joined[to + c] = data[from + c];
      first += n;
    }
    return { shape, data: joined };
  },
};
const NOTHING = ["Flatten", "Dropout"]; // the numbers stay as they are, in their order

// Weights

export function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function half(bits) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent ? 2 ** (exponent - 25) * (1024 + fraction) : 2 ** -24 * fraction;
  return bits >> 15 ? -size : size;
}

function unpack({ shape, dtype, crc32: checksum, base64 }, name) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  if (crc32(bytes) !== checksum)
    throw new Error(`The weights ${name} are damaged: their checksum does not fit.`);
  const view = new DataView(bytes.buffer);
  const read = {
    float16: (at) => half(view.getUint16(2 * at, true)),
    float32: (at) => view.getFloat32(4 * at, true),
  };
  const size = shape.reduce((product, side) => product * side, 1);
  return Object.assign(
    Float32Array.from({ length: size }, (_, at) => read[dtype](at)),
    { shape },
  );
}

// Make a network of what Python's network.describe_network says of it.
//
// Its `layers` are those that compute; `run` takes numbers from 0 to 1 and gives each one's output
// as {name, kind, shape, data}, in order. `other` may compute some kinds of layer in another way.
export function loadNetwork(description, other = {}) {
  const compute = { ...COMPUTE, ...other };
  const same = {}; // a layer that does nothing: the one whose output is its own
  const layers = [];
  let before; // the name of the last layer, undefined for the network's input
  for (const { kind, name, config, output, weights, inputs = [before] } of description.layers) {
    const from = inputs.map((input) => same[input] ?? input);
    before = name;
    if (NOTHING.includes(kind)) {
      same[name] = from[0];
      continue;
    }
    if (!Object.hasOwn(compute, kind))
      throw new Error(`This page does not compute the layer "${name}", a ${kind}.`);
    if (!Object.hasOwn(ACTIVATIONS, config.activation ?? "linear"))
      throw new Error(
        `This page does not compute the activation ${config.activation} of "${name}".`,
      );
    const unpacked = Object.entries(weights).map(([w, packed]) => [
      w,
      unpack(packed, `${name}.${w}`),
    ]);
    layers.push({
      name,
      kind,
      outputShape: output,
      inputs: from,
      ...config,
      weights: Object.fromEntries(unpacked),
    });
  }
  const lastUse = {}; // of each layer's output: by which layer
  layers.forEach(({ inputs }, at) => inputs.forEach((name) => (lastUse[name] = at)));
  const outputs = description.outputs?.map((name) => same[name] ?? name) ?? [layers.at(-1).name];

  function run(data, shape = description.input, only = layers.map(({ name }) => name)) {
    const tensors = new Map();
    layers.forEach((layer, at) => {
      const given = layer.inputs.map((name) => tensors.get(name) ?? { shape, data });
      tensors.set(layer.name, compute[layer.kind](layer, ...given));
      for (const name of layer.inputs)
        if (lastUse[name] === at && !only.includes(name)) tensors.delete(name);
    });
    return layers
      .filter(({ name }) => only.includes(name))
      .map(({ name, kind }) => ({ name, kind, ...tensors.get(name) }));
  }
  return { name: description.name, inputShape: description.input, layers, outputs, run };
}
