// A worker that runs networks: it is told of them first, and then asked one thing at a time.

import { loadNetwork } from "./forward.js";
import { fastLayers } from "./simd.js";

// A function of a network's name, numbers and their shape, that gives the network's outputs.
export function runner(descriptions) {
  const fast = fastLayers();
  const networks = {};
  return (name, data, shape) => {
    const network = (networks[name] ??= loadNetwork(descriptions[name], fast));
    return network.run(data, shape, network.outputs);
  };
}

// In a worker: {descriptions} once, then {name, data, shape}; answers {outputs} or {error}.
export function help(scope) {
  let run;
  scope.onmessage = ({ data: { descriptions, name, data, shape } }) => {
    if (descriptions) return (run = runner(descriptions));
    try {
      scope.postMessage({ outputs: run(name, data, shape) });
    } catch (error) {
      scope.postMessage({ error: error.message });
    }
  };
}
