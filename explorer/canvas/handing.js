// Hands the canvas of the page what comes after it: promises for what is chosen, feature maps.
export default function ({ data }) {
  window.spinenetHanded = { ...window.spinenetHanded, [data.what]: data };
  window.dispatchEvent(new CustomEvent("spinenet-handed", { detail: data.what }));
}
