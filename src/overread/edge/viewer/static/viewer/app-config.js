// The viewer's configuration, made from window.overread, which the page's own app-config.js set a moment ago
// (edge/viewer/document.py). A classic script: it must run before the application bundle, and defines what the bundle
// expects of its page. Nothing here is inline, so that the page's policy needs no 'unsafe-inline' for scripts.
(() => {
  const read = window.overread;
  window.PUBLIC_URL = '/static/ohif/';
  window.browserImportFunction = address => import(address);

  // The address names the studies only inside the browser: the server is asked for /viewer/, without them.
  // The application asks for this anew at each change of address, so that one data source serves one read after another.
  const sourceOf = ({ read: id, dicomweb }) => ({
    friendlyName: 'This read',
    name: `read-${id}`, // the application keys its memory of studies by this name: one per read
    qidoRoot: dicomweb,
    wadoRoot: dicomweb,
    wadoUriRoot: dicomweb,
    imageRendering: 'wadors',
    thumbnailRendering: 'thumbnailDirect',
    requestTransferSyntaxUID: '*',
    enableStudyLazyLoad: true,
    qidoSupportsIncludeField: true,
    supportsFuzzyMatching: false,
    supportsWildcard: true,
    dicomUploadEnabled: false,
    bulkDataURI: { enabled: false },
    onConfiguration: () => sourceOf(window.overread),
  });
  window.overreadAddress = ({ studies, hanging }) => {
    const wanted = new URLSearchParams();
    studies.forEach(study => wanted.append('StudyInstanceUIDs', study.uid));
    wanted.set('hangingProtocolId', hanging);
    return `/read?${wanted}`;
  };

  history.replaceState(null, '', read.base + window.overreadAddress(read));
  document.documentElement.dataset.read = read.read;

  window.config = {
    name: 'overread',
    routerBasename: read.base,
    extensions: ['/static/viewer/read-extension.js'],
    modes: ['/static/viewer/read-mode.js'],
    customizationService: {},
    showStudyList: false,
    showLoadingIndicator: true,
    showPatientInfo: 'disabled', // the banner of the reading room says who this is
    showWarningMessageForCrossOrigin: false,
    showCPUFallbackMessage: true,
    strictZSpacingForVolumeViewport: true,
    maxNumberOfWebWorkers: Math.min(4, navigator.hardwareConcurrency || 2),
    maxNumRequests: { interaction: 20, thumbnail: 4, prefetch: 12 },
    measurementTrackingMode: 'simplified',
    investigationalUseDialog: { option: 'never' }, // the reading room carries the notice, always in sight
    dangerouslyUseDynamicConfig: { enabled: false },
    defaultDataSourceName: 'read',
    dataSources: [
      {
        namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
        sourceName: 'read',
        configuration: sourceOf(read),
      },
    ],
    httpErrorHandler: error => window.dispatchEvent(new CustomEvent('overread:http', { detail: error?.status ?? 0 })),
  };
})();
