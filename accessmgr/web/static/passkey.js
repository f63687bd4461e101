// Asks the device for a passkey: `navigator.credentials` is all that needs a script. The answer goes in a plain form.
(() => {
  "use strict";
  const form = document.querySelector("form[data-passkey]");
  const told = document.querySelector("[data-passkey-told]");
  if (!form || !told) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const say = (what) => { told.textContent = told.dataset[what]; told.hidden = false; };

  if (!window.PublicKeyCredential) { say("unknown"); return; }
  form.hidden = false;

  const options = JSON.parse(form.dataset.options);
  options.challenge = bytes(options.challenge);
  for (const each of options.excludeCredentials ?? []) each.id = bytes(each.id);
  if (options.user) options.user.id = bytes(options.user.id);

  const answer = (credential) => {
    const { response } = credential, parts = { clientDataJSON: text(response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[part]) parts[part] = text(response[part]);
    }
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: parts });
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    told.hidden = true;
    try {
      const ask = { publicKey: options };
      const credential = await (options.user ? navigator.credentials.create(ask) : navigator.credentials.get(ask));
      form.elements.namedItem("answer").value = answer(credential);
      form.submit();
    } catch (fault) {
      say(fault.name === "InvalidStateError" ? "known" : "stopped");
    }
  });
})();
