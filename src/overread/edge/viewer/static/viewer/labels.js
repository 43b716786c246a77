// What must stand on every viewport: all four sides, whose image it is, how it is linked, what a millimetre on it is worth,
// and that it is lossy.

import { CALIBRATED, spacingOf } from './spacing.js';

const LOSSY_SYNTAX = /^1\.2\.840\.10008\.1\.2\.4\.(50|51|52|53|81|91|93|203|111|112)$/;
const LINKED = 'linked by position, not registered';

export class Labels {
  constructor({ viewports, link }) {
    this.viewports = viewports;
    this.link = link;
  }

  draw() {
    for (const id of this.viewports.ids) {
      const viewport = this.viewports.get(id);
      const uid = this.viewports.displaySet(id)?.StudyInstanceUID;
      const study = window.overread.studies.find(each => each.uid === uid);
      if (viewport?.element) {
        const prior = study?.role === 'prior';
        write(viewport.element, 'overread-role', prior && `Prior ${study.words ?? ''}`.trim());
        write(viewport.element, 'overread-link', prior && this.link.on && this.viewports.ids.length > 1 && LINKED);
        this.sides(viewport);
      }
    }
  }

  /** The application marks the top and the left; a wrong side harms most, so the other two are marked as well (H05). */
  sides(viewport) {
    const marks = sidesOf(viewport);
    write(viewport.element, 'overread-right', marks?.right);
    write(viewport.element, 'overread-bottom', marks?.bottom);
    write(viewport.element, 'overread-lossy', isLossy(viewport) && 'lossy compression');
    const spacing = spacingOf(instanceOf(viewport));
    write(viewport.element, 'overread-spacing', spacing);
    viewport.element.querySelector('.overread-spacing')?.classList.toggle('is-doubtful', spacing !== CALIBRATED);
  }
}

function sidesOf(viewport) {
  const imageId = viewport.getCurrentImageId?.() ?? viewport.getImageIds?.()[0];
  const plane = imageId && window.cornerstone.metaData.get('imagePlaneModule', imageId);
  if (!plane?.rowCosines || plane.isDefaultValueSetForRowCosine || plane.isDefaultValueSetForColumnCosine) {
    return null;
  }
  const origin = viewport.canvasToWorld([0, 0]);
  const along = point => {
    const world = viewport.canvasToWorld(point);
    const vector = world.map((value, axis) => value - origin[axis]);
    const length = Math.hypot(...vector) || 1;
    return window.cornerstoneTools.utilities.orientation.getOrientationStringLPS(vector.map(value => value / length));
  };
  return { right: along([1, 0]), bottom: along([0, 1]) };
}

function instanceOf(viewport) {
  const imageId = viewport.getCurrentImageId?.() ?? viewport.getImageIds?.()[0];
  return imageId ? window.cornerstone.metaData.get('instance', imageId) : null;
}

/** By what the sender declared (0028,2110) or by the transfer syntax it came in (H14). */
function isLossy(viewport) {
  const instance = instanceOf(viewport);
  const syntax = [instance?.AvailableTransferSyntaxUID].flat()[0] ?? '';
  return instance?.LossyImageCompression === '01' || LOSSY_SYNTAX.test(syntax);
}

export function write(element, className, words) {
  let mark = element.querySelector(`.${className}`);
  if (!words) {
    mark?.remove();
    return;
  }
  if (!mark) {
    mark = document.createElement('div');
    mark.className = className;
    element.append(mark);
  }
  if (mark.textContent !== words) {
    mark.textContent = words;
  }
}
