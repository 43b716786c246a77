// Measurements on their way to the report: what was measured, on which image, in words that can stand in a sentence.

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

export class Measurements {
  constructor({ servicesManager, send }) {
    this.service = servicesManager.services.measurementService;
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
    const said = describe(measurement);
    if (said.words) {
      this.last = said;
      this.send('measurement', said);
    }
  }

  all() {
    return this.service.getMeasurements().map(describe);
  }

  restart() {
    this.last = null;
  }
}

const idOf = measurement => (typeof measurement === 'string' ? measurement : measurement?.uid);

export function describe(measurement) {
  const text = measurement.displayText;
  const shown = [text?.primary ?? text, text?.secondary].flat(2).filter(Boolean).map(String);
  return {
    id: measurement.uid,
    tool: TOOLS[measurement.toolName] ?? measurement.toolName,
    label: measurement.label ?? '',
    words: shown.join(', '),
    study: measurement.referenceStudyUID ?? null,
    series: measurement.referenceSeriesUID ?? null,
    sop: measurement.SOPInstanceUID ?? null,
    frame: measurement.frameNumber ?? 1,
    removed: false,
  };
}
