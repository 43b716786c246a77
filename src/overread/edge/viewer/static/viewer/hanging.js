// Hanging protocols. A study's role (current or prior) comes from the read, not from the order of studies.

import { named } from './presets.js';

export const roleOf = uid => window.overread.studies.find(study => study.uid === uid)?.role ?? 'unknown';
export const priorsOf = () => window.overread.studies.filter(study => study.role === 'prior');

const BONE = /bone|osseous|\bsharp\b|boneplus|edge|^[bh]r?[67]\d/i;

/** What a display set is for: main (soft tissue stack), bone (sharp kernel stack), scout, or other. */
export function kindOf(displaySet) {
  const image = displaySet.instances?.[0] ?? displaySet.instance ?? displaySet;
  const kernel = [image.ConvolutionKernel].flat().filter(Boolean).join(' ');
  if ([image.ImageType].flat().includes('LOCALIZER') || (displaySet.numImageFrames ?? 0) < 5) {
    return 'scout';
  }
  if (BONE.test(kernel) || BONE.test(displaySet.SeriesDescription ?? '')) {
    return 'bone';
  }
  return image.Modality === 'CT' || image.Modality === 'MR' ? 'main' : 'other';
}

const role = value => ({ attribute: 'overreadRole', required: true, constraint: { equals: { value } } });
const kind = (value, weight) => ({ attribute: 'overreadKind', weight, constraint: { equals: { value } } });
const hasImages = { attribute: 'numImageFrames', required: true, constraint: { greaterThan: { value: 0 } } };
const reconstructable = {
  attribute: 'isReconstructable',
  required: true,
  weight: 1,
  constraint: { equals: { value: true } },
};

const selectors = {
  current: { studyMatchingRules: [role('current')], seriesMatchingRules: [hasImages, kind('main', 20)] },
  bone: { studyMatchingRules: [role('current')], seriesMatchingRules: [hasImages, kind('bone', 20), kind('main', 10)] },
  prior: { studyMatchingRules: [role('prior')], seriesMatchingRules: [hasImages, kind('main', 20)] },
  activeDisplaySet: {
    studyMatchingRules: [role('current')],
    seriesMatchingRules: [reconstructable, kind('main', 20)],
  },
};

const stack = (selector, voi) => ({
  viewportOptions: {
    viewportType: 'stack',
    toolGroupId: 'default',
    allowUnmatchedView: true,
    initialImageOptions: { preset: 'middle' },
  },
  // The application remembers windows by `options.id`: one per preset, or a series shown twice would share its window.
  displaySets: [{ id: selector, options: voi ? { id: voi, voi: named(voi) } : { id: 'As sent' } }],
});

const plane = orientation => ({
  viewportOptions: {
    viewportId: `overread-${orientation}`,
    viewportType: 'volume',
    toolGroupId: 'mpr',
    orientation,
    initialImageOptions: { preset: 'middle' },
    syncGroups: [{ type: 'voi', id: 'mpr', source: true, target: true, options: { syncColormap: true } }],
  },
  displaySets: [{ id: 'activeDisplaySet', options: { id: 'MPR' } }],
});

const grid = (rows, columns, layoutOptions) => ({
  layoutType: 'grid',
  properties: layoutOptions ? { rows, columns, layoutOptions } : { rows, columns },
});
const bigAndTwo = grid(2, 2, [
  { x: 0, y: 0, width: 0.6, height: 1 },
  { x: 0.6, y: 0, width: 0.4, height: 0.5 },
  { x: 0.6, y: 0.5, width: 0.4, height: 0.5 },
]);

/** The viewport that is active once a protocol hangs. */
export const firstOf = id =>
  protocols.find(each => each.id === id)?.stages[0].viewports[0].viewportOptions.viewportId ?? null;

const protocol = (id, name, structure, viewports, used) => ({
  id: `overread.${id}`,
  name,
  description: name,
  locked: true,
  isPreset: false,
  numberOfPriorsReferenced: used.includes('prior') ? 1 : 0,
  protocolMatchingRules: [],
  toolGroupIds: ['default', 'mpr'],
  displaySetSelectors: Object.fromEntries(used.map(selector => [selector, selectors[selector]])),
  defaultViewport: stack('current'),
  stages: [{ name, viewportStructure: structure, viewports: viewports.map(placed) }],
});

/** Viewports are known by their place, so that the same place keeps its viewport from one protocol to the next. */
const placed = (view, index) => ({
  ...view,
  viewportOptions: { viewportId: `overread-${index + 1}`, ...view.viewportOptions },
});

export const protocols = [
  protocol('one', 'One image', grid(1, 1), [stack('current')], ['current']),
  protocol('pair', 'With prior', grid(1, 2), [stack('current'), stack('prior')], ['current', 'prior']),
  protocol(
    'ct-head',
    'CT head',
    bigAndTwo,
    [stack('current', 'Brain'), stack('current', 'Subdural'), stack('bone', 'Bone')],
    ['current', 'bone']
  ),
  protocol(
    'ct-head-prior',
    'CT head with prior',
    grid(2, 2),
    [stack('current', 'Brain'), stack('prior', 'Brain'), stack('current', 'Subdural'), stack('bone', 'Bone')],
    ['current', 'prior', 'bone']
  ),
  protocol('mpr', 'MPR', bigAndTwo, [plane('axial'), plane('coronal'), plane('sagittal')], ['activeDisplaySet']),
  protocol(
    'mpr-prior',
    'MPR with prior',
    grid(2, 2),
    [plane('axial'), stack('prior'), plane('coronal'), plane('sagittal')],
    ['activeDisplaySet', 'prior']
  ),
];

/** The same layout with or without the prior. */
export function counterpart(id) {
  const pairs = { one: 'pair', 'ct-head': 'ct-head-prior', mpr: 'mpr-prior' };
  const plain = id.replace('overread.', '');
  const other = pairs[plain] ?? Object.keys(pairs).find(key => pairs[key] === plain);
  return other && `overread.${other}`;
}
