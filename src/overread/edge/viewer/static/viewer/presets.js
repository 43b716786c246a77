// Window presets by modality, on keys 1 to 9: [words, width, centre]. CT values are Hounsfield units.
// A preset without numbers goes back to the window that the image itself names (PS3.3 C.11.2.1.2).

const CT = [
  ['Brain', 80, 40],
  ['Bone', 2800, 600],
  ['Subdural', 215, 75],
  ['Stroke', 40, 40],
  ['Soft tissue', 400, 50],
  ['Lung', 1500, -600],
  ['Liver', 150, 90],
  ['Angiography', 600, 200],
  ['As sent', null, null],
];
const OTHER = [
  ['As sent', null, null],
  ['Narrower', 'x0.7', null],
  ['Wider', 'x1.4', null],
];

export function presetsOf(modality) {
  return modality === 'CT' ? CT : OTHER;
}

export const named = words => {
  const [, windowWidth, windowCenter] = CT.find(([name]) => name === words);
  return { windowWidth, windowCenter };
};

/** The preset's name if the window is exactly one of the modality's, else ''. */
export function nameOf(modality, width, center) {
  const found = presetsOf(modality).find(([, w, c]) => w === Math.round(width) && c === Math.round(center));
  return found ? found[0] : '';
}

/** Width and centre of a VOI range by DICOM's linear function (PS3.3 C.11.2.1.2.1). */
export function widthAndCenter({ lower, upper }) {
  return { width: upper - lower + 1, center: (upper + lower + 1) / 2 };
}
