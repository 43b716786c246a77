// What is on screen: small questions about viewports that several modules ask of the application.

const IMAGE = /\/studies\/([0-9.]+)\/series\/([0-9.]+)\/instances\/([0-9.]+)\/frames\/(\d+)/;

/** The UIDs and frame that an image id names, or null for an image that is not from the read. */
export function identify(imageId) {
  const found = IMAGE.exec(imageId ?? '');
  return found && { study: found[1], series: found[2], sop: found[3], frame: Number(found[4]) };
}

export class Viewports {
  constructor({ servicesManager, commandsManager }) {
    this.services = servicesManager.services;
    this.commands = commandsManager;
  }

  get ids() {
    return [...this.services.viewportGridService.getState().viewports.keys()];
  }

  get activeId() {
    return this.services.viewportGridService.getActiveViewportId();
  }

  get(id = this.activeId) {
    try {
      return this.services.cornerstoneViewportService.getCornerstoneViewport(id) ?? null;
    } catch {
      return null;
    }
  }

  displaySet(id = this.activeId) {
    const uid = this.services.viewportGridService.getDisplaySetsUIDsForViewport(id)?.[0];
    return uid ? this.services.displaySetService.getDisplaySetByUID(uid) : null;
  }

  modality(id = this.activeId) {
    return this.displaySet(id)?.Modality ?? '';
  }

  isVolume(id = this.activeId) {
    return this.get(id)?.type === window.cornerstone.Enums.ViewportType.ORTHOGRAPHIC;
  }

  /** The image id that is drawn now: for a stack the decoded image, for a volume the slice in its own plane. */
  drawn(viewport) {
    if (typeof viewport?.getCornerstoneImage === 'function') {
      return viewport.getCornerstoneImage()?.imageId ?? null;
    }
    const imageId = viewport?.getCurrentImageId?.();
    return imageId && window.cornerstone.cache.isLoaded(imageId) ? imageId : null;
  }

  /** Position along the scan's own normal in mm, with the normal; null where the image has no position. */
  place(imageId) {
    const plane = window.cornerstone.metaData.get('imagePlaneModule', imageId);
    const { rowCosines: r, columnCosines: c, imagePositionPatient: p } = plane ?? {};
    if (!r || !c || !p) {
      return null;
    }
    const normal = [r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0]];
    return { normal, at: dot(normal, p), frameOfReference: plane.frameOfReferenceUID };
  }

  run(command, options = {}) {
    return this.commands.run(command, options);
  }
}

export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
