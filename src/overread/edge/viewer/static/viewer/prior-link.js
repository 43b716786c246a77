// Scrolling one stack moves the others: by position along the scan's normal, in mm. Within one frame of reference the
// positions are the same space; in a prior they are not, so its viewport says "linked by position, not registered".
// The link may be undone, scrolled apart and made again: the difference then stays.

import { dot } from './viewports.js';

const PARALLEL = 0.95; // cosine of about 18 degrees

export class PriorLink {
  constructor({ viewports }) {
    this.viewports = viewports;
    this.on = true;
    this.offsets = new Map(); // study pair -> mm
    this.moving = false;
  }

  toggle() {
    this.on = !this.on;
    if (this.on) {
      this.keepDifference();
    }
    return this.on;
  }

  /** A viewport shows another slice. */
  moved(viewport) {
    if (!this.on || this.moving || viewport.id !== this.viewports.activeId) {
      return;
    }
    const from = this.state(viewport);
    if (!from) {
      return;
    }
    this.moving = true;
    Promise.all(this.others(viewport).map(other => this.follow(from, other))).finally(() => {
      this.moving = false;
    });
  }

  others(viewport) {
    return this.viewports.ids
      .map(id => this.viewports.get(id))
      .filter(other => other && other.id !== viewport.id);
  }

  state(viewport) {
    const place = this.viewports.isVolume(viewport.id) ? planeOf(viewport) : this.placeOf(viewport);
    const study = this.viewports.displaySet(viewport.id)?.StudyInstanceUID;
    return place && study ? { ...place, study } : null;
  }

  async follow(from, viewport) {
    const now = this.state(viewport);
    if (!now || Math.abs(dot(from.normal, now.normal)) < PARALLEL) {
      return;
    }
    const sign = Math.sign(dot(from.normal, now.normal));
    const aim = sign * (from.at + (this.offsets.get(`${from.study} ${now.study}`) ?? 0));
    if (this.viewports.isVolume(viewport.id)) {
      this.shift(viewport, aim);
      return;
    }
    const nearest = this.nearest(viewport, aim);
    if (nearest && nearest.index !== viewport.getCurrentImageIdIndex()) {
      await viewport.setImageIdIndex(nearest.index);
    }
  }

  placeOf(viewport) {
    const imageId = viewport.getCurrentImageId?.();
    return imageId ? this.viewports.place(imageId) : null;
  }

  /** Move a reformat along its normal, within the images it is made of. */
  shift(viewport, aim) {
    const { normal, at } = planeOf(viewport);
    const reach = viewport.getImageIds().map(imageId => this.viewports.place(imageId));
    const within = reach.filter(Boolean).map(place => dot(place.normal, normal) * place.at);
    if (aim < Math.min(...within) || aim > Math.max(...within)) {
      return;
    }
    const { focalPoint, position } = viewport.getCamera();
    const step = point => point.map((value, axis) => value + (aim - at) * normal[axis]);
    viewport.setCamera({ focalPoint: step(focalPoint), position: step(position) });
    viewport.render();
  }

  /** The image nearest to a position, or null if the stack does not reach it. */
  nearest(viewport, aim) {
    const places = viewport
      .getImageIds()
      .map((imageId, index) => ({ index, at: this.viewports.place(imageId)?.at }))
      .filter(place => place.at !== undefined);
    if (places.length < 2) {
      return null;
    }
    const positions = places.map(place => place.at).sort((a, b) => a - b);
    const step = (positions.at(-1) - positions[0]) / (positions.length - 1) || 1;
    const best = places.reduce((a, b) => (Math.abs(b.at - aim) < Math.abs(a.at - aim) ? b : a));
    return Math.abs(best.at - aim) <= 2 * step ? best : null;
  }

  /** Take the present difference between the active stack and the others as the link's own. */
  keepDifference() {
    const active = this.viewports.get();
    const from = active && this.state(active);
    if (!from) {
      return;
    }
    for (const other of this.others(active)) {
      const now = this.state(other);
      if (now && now.study !== from.study) {
        const sign = Math.sign(dot(from.normal, now.normal)) || 1;
        this.offsets.set(`${from.study} ${now.study}`, sign * now.at - from.at);
        this.offsets.set(`${now.study} ${from.study}`, sign * from.at - now.at);
      }
    }
  }

  restart() {
    this.offsets.clear();
    this.on = true;
  }
}

/** The plane of a reformat: its own normal and where along it the camera looks. */
function planeOf(viewport) {
  const { viewPlaneNormal: normal, focalPoint } = viewport.getCamera();
  return { normal, at: dot(normal, focalPoint) };
}
