// What a millimetre on an image is worth: who measured the distance between two pixels, and where (H15).
//
// Source: PS3.3 10.7 (Basic Pixel Spacing Calibration), C.7.6.2 (Image Plane), C.8.6.1 and C.8.11 (scanned and projected
// images). In a cross-section Pixel Spacing is that of the patient. In a projection it is, unless the image says how it
// was calibrated, that of the detector: what lies nearer to the source looks larger than it is.

const PROJECTIONS = new Set('CR DX MG IO PX RF XA RG'.split(' '));

export const CALIBRATED = 'calibrated spacing';
export const UNCALIBRATED = 'uncalibrated spacing';
export const PIXELS_ONLY = 'no spacing, pixels only';

/** The word for an image's spacing, from its header in the application's form (keyword: value). */
export function spacingOf(instance) {
  const patient = pair(instance?.PixelSpacing);
  const detector = pair(instance?.ImagerPixelSpacing);
  if (!patient) {
    return PIXELS_ONLY; // the viewer measures with Pixel Spacing alone: a detector's or a scanner's own is not used
  }
  if (['GEOMETRY', 'FIDUCIAL'].includes(String(instance.PixelSpacingCalibrationType ?? '').trim())) {
    return CALIBRATED;
  }
  if (PROJECTIONS.has(instance.Modality)) {
    // Both, and different: somebody has corrected the one at the detector (10.7.1.3). Equal or alone: nobody has.
    return detector && !same(patient, detector) ? CALIBRATED : UNCALIBRATED;
  }
  if (pair(instance.NominalScannedPixelSpacing) || instance.ConversionType) {
    return UNCALIBRATED; // a scan or a picture of a screen: nobody knows what its spacing refers to
  }
  return CALIBRATED;
}

/** The word for a measurement: as the viewer has shown it in millimetres or not, and as the image's spacing is. */
export function spacingOfWords(words, instance) {
  if (!/\bmm/.test(words)) {
    return PIXELS_ONLY;
  }
  const word = spacingOf(instance);
  return word === PIXELS_ONLY ? UNCALIBRATED : word; // never better than what is known
}

/** Two distances above zero, or null. Values come as numbers, text, or text with a backslash. */
function pair(value) {
  const parts = (Array.isArray(value) ? value : String(value ?? '').split('\\')).map(Number);
  return parts.length === 2 && parts.every(part => Number.isFinite(part) && part > 0) ? parts : null;
}

const same = (a, b) => a.every((value, index) => Math.abs(value - b[index]) < 1e-6 * value);
