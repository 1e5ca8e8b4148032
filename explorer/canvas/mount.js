// What Streamlit calls: one canvas for each place on the page, kept between reruns.

const mounted = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let canvas = mounted.get(parentElement);
  if (!canvas || !parentElement.contains(canvas.frame)) {
    canvas = new Canvas(parentElement);
    mounted.set(parentElement, canvas);
  }
  canvas.update(data, setTriggerValue);
}
