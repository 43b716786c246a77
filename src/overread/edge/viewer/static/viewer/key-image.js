// A key image: the truth is SOP instance, frame, window and camera; the picture shows it, with the annotations drawn.

import { identify } from './viewports.js';
import { widthAndCenter } from './presets.js';

const LONGEST = 768; // pixels; the page sends it to the server in one piece of text

/** Make a key image of a viewport. Returns null if nothing of the read is drawn there. */
export async function keyImage(viewports, id = viewports.activeId) {
  const viewport = viewports.get(id);
  const imageId = viewport && (viewports.drawn(viewport) ?? viewport.getCurrentImageId?.());
  const image = identify(imageId) ?? nearestOf(viewports, id);
  if (!image) {
    return null;
  }
  const properties = viewport.getProperties();
  const camera = viewport.getCamera();
  const displaySet = viewports.displaySet(id);
  const picture = await draw(viewport);
  return {
    ...image,
    reformatted: !identify(imageId),
    voi: properties.voiRange ? widthAndCenter(properties.voiRange) : null,
    invert: Boolean(properties.invert),
    camera: {
      focalPoint: camera.focalPoint,
      normal: camera.viewPlaneNormal,
      up: camera.viewUp,
      zoom: viewport.getZoom?.() ?? 1,
      slabMm: viewport.getSlabThickness?.() ?? 0,
    },
    seriesNumber: displaySet?.SeriesNumber ?? null,
    seriesWords: displaySet?.SeriesDescription ?? '',
    imageNumber: (viewport.getCurrentImageIdIndex?.() ?? viewport.getSliceIndex?.() ?? 0) + 1,
    imageCount: viewport.getNumberOfSlices?.() ?? viewport.getImageIds?.().length ?? 1,
    ...picture,
  };
}

/** A reformat has no instance of its own: name the one nearest to its centre. */
function nearestOf(viewports, id) {
  const viewport = viewports.get(id);
  const imageIds = viewport?.getImageIds?.() ?? [];
  const point = viewport?.getCamera?.().focalPoint;
  let best = null;
  for (const imageId of imageIds) {
    const place = viewports.place(imageId);
    const away = place && Math.abs(place.normal.reduce((sum, n, i) => sum + n * point[i], 0) - place.at);
    if (place && (!best || away < best.away)) {
      best = { away, imageId };
    }
  }
  return best && identify(best.imageId);
}

async function draw(viewport) {
  viewport.render();
  const source = viewport.getCanvas();
  const scale = Math.min(1, LONGEST / Math.max(source.width, source.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(source.width * scale);
  canvas.height = Math.round(source.height * scale);
  const context = canvas.getContext('2d');
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const annotations = await overlay(viewport.element);
  if (annotations) {
    context.drawImage(annotations, 0, 0, canvas.width, canvas.height);
  }
  return { picture: canvas.toDataURL('image/png'), width: canvas.width, height: canvas.height, annotated: Boolean(annotations) };
}

/** The annotation layer is SVG over the canvas: turn it into an image of the same size. */
async function overlay(element) {
  const layer = element.querySelector('svg.svg-layer');
  if (!layer?.querySelector('line, path, circle, ellipse, rect, text')) {
    return null;
  }
  const copy = layer.cloneNode(true);
  const { width, height } = layer.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  try {
    await image.decode();
    return image;
  } catch {
    return null;
  }
}
