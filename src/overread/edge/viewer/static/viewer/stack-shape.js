// Whether a stack can be reformatted without lying: its images must lie one straight behind the other.
//
// A leaning gantry with a table that moves along z gives a sheared stack. Reformats of it would look right and measure
// wrong, so they are not offered (H15). What counts is the geometry of the images, not what the header says of the tilt.

const MOST_DRIFT_MM = 1; // sideways over the whole stack: below the size of a pixel of a head CT twice over

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** How far the last image lies to the side of the first one's normal, and the angle: {driftMm, degrees}; null if unknown. */
export function leanOf(planes) {
  const [first, last] = [planes[0], planes.at(-1)];
  if (planes.length < 2 || ![first, last].every(p => p?.rowCosines && p?.columnCosines && p?.imagePositionPatient)) {
    return null;
  }
  const [r, c] = [first.rowCosines, first.columnCosines];
  const normal = [r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0]];
  const way = last.imagePositionPatient.map((value, axis) => value - first.imagePositionPatient[axis]);
  const along = dot(way, normal);
  const driftMm = Math.hypot(...way.map((value, axis) => value - along * normal[axis]));
  return { driftMm, degrees: (Math.atan2(driftMm, Math.abs(along)) * 180) / Math.PI };
}

/** Why reformats of the active viewport's images are not offered, or ''. */
export function refusalOf(viewports) {
  const imageIds = viewports.get()?.getImageIds?.() ?? [];
  const plane = imageId => window.cornerstone.metaData.get('imagePlaneModule', imageId);
  const places = imageIds.map(plane).filter(Boolean);
  const lean = leanOf(places);
  if (lean && lean.driftMm > MOST_DRIFT_MM) {
    return `Gantry tilt ${Math.round(lean.degrees)} deg: reformats are sheared and not offered`;
  }
  if (viewports.displaySet()?.isReconstructable === false) {
    return 'These images are not evenly spaced or not parallel: reformats are not offered';
  }
  return '';
}
