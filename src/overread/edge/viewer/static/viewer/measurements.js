// Measurements on their way to the report: what was measured, on which image, in words that can stand in a sentence.

import { spacingOfWords } from './spacing.js';

const TOOLS = {
  Length: 'Length',
  Bidirectional: 'Bidirectional',
  Angle: 'Angle',
  CobbAngle: 'Cobb angle',
  EllipticalROI: 'Ellipse',
  CircleROI: 'Circle',
  RectangleROI: 'Rectangle',
  Probe: 'Value',
  ArrowAnnotate: 'Arrow',
};

/** What is a length or an area, and so depends on the distance between two pixels. */
const SIZED = new Set(['Length', 'Bidirectional', 'EllipticalROI', 'CircleROI', 'RectangleROI']);

export class Measurements {
  constructor({ servicesManager, send }) {
    this.service = servicesManager.services.measurementService;
    this.displaySets = servicesManager.services.displaySetService;
    this.send = send;
    this.last = null;
    const { EVENTS } = this.service;
    const told = [EVENTS.MEASUREMENT_ADDED, EVENTS.MEASUREMENT_UPDATED];
    this.subscriptions = told.map(event => this.service.subscribe(event, ({ measurement }) => this.tell(measurement)));
    this.subscriptions.push(
      this.service.subscribe(EVENTS.MEASUREMENT_REMOVED, ({ measurement }) =>
        this.send('measurement', { id: idOf(measurement), removed: true })
      )
    );
  }

  tell(measurement) {
    const said = this.describe(measurement);
    if (said.words) {
      this.last = said;
      this.send('measurement', said);
    }
  }

  all() {
    return this.service.getMeasurements().map(each => this.describe(each));
  }

  describe(measurement) {
    return describe(measurement, this.instanceOf(measurement));
  }

  /** The header of the image that was measured; of a reformat, that of the series it is made of. */
  instanceOf(measurement) {
    const set = this.displaySets.getDisplaySetByUID(measurement.displaySetInstanceUID);
    const images = set?.instances ?? set?.images ?? [];
    return images.find(each => each.SOPInstanceUID === measurement.SOPInstanceUID) ?? images[0] ?? null;
  }

  restart() {
    this.last = null;
  }
}

const idOf = measurement => (typeof measurement === 'string' ? measurement : measurement?.uid);

/** A measurement in words; one that depends on the images' spacing says which it is (H15). */
export function describe(measurement, instance) {
  const text = measurement.displayText;
  const [main, more] = [text?.primary ?? text, text?.secondary].map(each => [each].flat(2).filter(Boolean).map(String));
  const spacing = main.length > 0 && SIZED.has(measurement.toolName) ? spacingOfWords(main.join(' '), instance) : null;
  return {
    id: measurement.uid,
    tool: TOOLS[measurement.toolName] ?? measurement.toolName,
    label: measurement.label ?? '',
    words: [main.join(', ') + (spacing ? ` (${spacing})` : ''), ...more].filter(Boolean).join(', '),
    spacing,
    study: measurement.referenceStudyUID ?? null,
    series: measurement.referenceSeriesUID ?? null,
    sop: measurement.SOPInstanceUID ?? null,
    frame: measurement.frameNumber ?? 1,
    removed: false,
  };
}
