// Hands feature maps to the canvas of the page: they come after it, when the network has run.
export default function ({ data }) {
  window.spinenetMaps = data;
  window.dispatchEvent(new Event("spinenet-maps"));
}
