// What a browser needs to draw a map of any sigma by itself; saliency_core.presentation.live gives it the map.
// The blur is scipy.ndimage.gaussian_filter's: truncated at four sigma, the edge reflected.
const TRUNCATE = 4;

const decode = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function kernelOf(sigma) {
  const radius = Math.floor(TRUNCATE * sigma + 0.5);
  const weights = new Float64Array(radius + 1);
  let sum = 0;
  for (let offset = 0; offset <= radius; offset++) {
    weights[offset] = Math.exp((-0.5 * offset * offset) / (sigma * sigma));
    sum += offset ? 2 * weights[offset] : weights[offset];
  }
  return weights.map((weight) => weight / sum);
}

// Blurs along rows and writes the transpose, so that two calls blur both ways.
function blurRows(source, target, side, weights) {
  const radius = weights.length - 1;
  const padded = new Float64Array(side + 2 * radius);
  for (let row = 0; row < side; row++) {
    const start = row * side;
    for (let at = -radius; at < side + radius; at++) {
      let from = ((at % (2 * side)) + 2 * side) % (2 * side);
      if (from >= side) from = 2 * side - 1 - from;
      padded[at + radius] = source[start + from];
    }
    for (let column = 0; column < side; column++) {
      const centre = column + radius;
      let total = weights[0] * padded[centre];
      for (let offset = 1; offset <= radius; offset++) {
        total += weights[offset] * (padded[centre - offset] + padded[centre + offset]);
      }
      target[column * side + row] = total;
    }
  }
}

function blur(raw, side, sigma) {
  if (sigma <= 0) return Float32Array.from(raw);
  const weights = kernelOf(sigma);
  const between = new Float32Array(raw.length);
  const blurred = new Float32Array(raw.length);
  blurRows(raw, between, side, weights);
  blurRows(between, blurred, side, weights);
  return blurred;
}

// The scale of one map, as Python's shared_scale() takes it.
function scaleOf(values, clippedShare) {
  const sorted = Float32Array.from(values).sort();
  const place = (sorted.length - 1) * (1 - clippedShare);
  const below = Math.floor(place);
  const high = sorted[below] + (place - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
  return { low: sorted[0], high };
}

// The ends of a scale in words, as Python's tell_scale() has them.
function tellScale(low, high) {
  if (high < 1e-4) return [low.toPrecision(2), high.toPrecision(2)];
  const digits = Math.max(0, 1 - Math.floor(Math.log10(high)));
  return [low.toFixed(digits), high.toFixed(digits)];
}

// A map as pack_map() packs it.
function unpack(raw, peak) {
  const levels = new Uint16Array(decode(raw).buffer);
  return Float32Array.from(levels, (level) => (level / 65535) * peak);
}

// The values in colours, a pixel each; table: 256 colours, as pack_colours() packs them.
function paint(canvas, values, side, low, high, table) {
  const span = high - low;
  const image = new ImageData(side, side);
  for (let index = 0; index < values.length; index++) {
    const share = span > 0 ? Math.min(Math.max((values[index] - low) / span, 0), 1) : 0;
    const colour = 3 * Math.round(255 * share);
    image.data[4 * index] = table[colour];
    image.data[4 * index + 1] = table[colour + 1];
    image.data[4 * index + 2] = table[colour + 2];
    image.data[4 * index + 3] = 255;
  }
  canvas.width = canvas.height = side;
  canvas.getContext("2d").putImageData(image, 0, 0);
}
