// The mode /read: the application's own basic mode with our hanging protocols, without its toolbar and side panels.

const ID = 'overread-read';
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Day month year, as everywhere in the product. */
const dateOf = ({ StudyDate: date }) =>
  /^\d{8}$/.test(date ?? '') ? `${Number(date.slice(6))} ${MONTHS[Number(date.slice(4, 6)) - 1]} ${date.slice(0, 4)}` : '';

const overlay = [
  {
    id: 'StudyDate',
    inheritsFrom: 'ohif.overlayItem',
    label: '',
    title: 'Study date',
    condition: ({ referenceInstance }) => Boolean(referenceInstance?.StudyDate),
    contentF: ({ referenceInstance }) => dateOf(referenceInstance),
  },
  {
    id: 'Series',
    inheritsFrom: 'ohif.overlayItem',
    label: '',
    title: 'Series',
    condition: ({ referenceInstance }) => Boolean(referenceInstance),
    contentF: ({ referenceInstance: { Modality, SeriesNumber, SeriesDescription } }) =>
      [`${Modality ?? ''} ${SeriesNumber ?? ''}`.trim(), SeriesDescription].filter(Boolean).join(', '),
  },
];

export default {
  id: ID,
  async modeFactory({ loadModules }) {
    const [basic] = await loadModules(['@ohif/mode-basic']);
    const instance = basic.modeInstance;
    const route = instance.routes[0];
    const layout = route.layoutInstance;
    return {
      ...instance,
      id: ID,
      routeName: 'read',
      displayName: 'Reading',
      hide: false,
      isValidMode: () => ({ valid: true, description: '' }),
      nonModeModalities: [],
      hangingProtocol: 'overread.one',
      toolbarSections: [{}],
      // Hotkeys are ours (keys.js): the application's own would act twice.
      modeCustomizations: { 'ohif.hotkeyBindings': [], 'ohif.tours': [], 'viewportOverlay.topLeft': overlay },
      routes: [
        {
          ...route,
          path: 'read',
          layoutTemplate: () => ({
            id: layout.id,
            props: {
              ...layout.props,
              leftPanelClosed: true,
              leftPanels: layout.props.leftPanels,
              rightPanels: [],
              viewports: layout.props.viewports,
            },
          }),
        },
      ],
      // Our extension is loaded by the application's configuration and must not be named here: it would be imported
      // by its bare id.
      extensions: basic.extensionDependencies,
      onModeEnter(given) {
        instance.onModeEnter.call(this, given);
        window.dispatchEvent(new CustomEvent('overread:enter', { detail: given }));
      },
      onModeExit(given) {
        window.dispatchEvent(new CustomEvent('overread:exit'));
        instance.onModeExit.call(this, given);
      },
    };
  },
};
