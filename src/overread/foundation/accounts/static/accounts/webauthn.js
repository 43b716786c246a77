// Passkeys of the browser: options from the server in, an answer as JSON out (WebAuthn level 2).

function bytes(text) {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0)).buffer;
}

function text(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function listed(credentials) {
  return (credentials || []).map((credential) => ({ ...credential, id: bytes(credential.id) }));
}

function shared(credential) {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

export function available() {
  return Boolean(window.PublicKeyCredential && navigator.credentials);
}

/** Make a passkey. */
export async function register(options) {
  const given = options.publicKey;
  const publicKey = {
    ...given,
    challenge: bytes(given.challenge),
    user: { ...given.user, id: bytes(given.user.id) },
    excludeCredentials: listed(given.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  const response = {
    clientDataJSON: text(made.response.clientDataJSON),
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() || [],
  };
  return JSON.stringify({ ...shared(made), response });
}

/** Ask for a touch of a passkey. */
export async function touch(options) {
  const given = options.publicKey;
  const publicKey = {
    ...given,
    challenge: bytes(given.challenge),
    allowCredentials: listed(given.allowCredentials),
  };
  const got = await navigator.credentials.get({ publicKey });
  const handle = got.response.userHandle;
  const response = {
    clientDataJSON: text(got.response.clientDataJSON),
    authenticatorData: text(got.response.authenticatorData),
    signature: text(got.response.signature),
    userHandle: handle ? text(handle) : null,
  };
  return JSON.stringify({ ...shared(got), response });
}
