// The reference page: the viewer, the sign-in, and the addresses that errors give.
"use strict";

const status = document.getElementById("status");
const signIn = document.getElementById("sign-in");
const credentials = document.getElementById("credentials");

const configuration = {
  url: "openapi.json",
  slug: "customer-api",
  agent: { disabled: true },
  defaultOpenAllTags: true,
  documentDownloadType: "none",
  hideClientButton: true,
  mcp: { disabled: true },
  operationTitleSource: "summary",
  persistAuth: false,
  showDeveloperTools: "never",
  telemetry: false,
  withDefaultFonts: false,
  // Its greys and signal colours are too faint for small text (WCAG 1.4.3).
  customCss: `
    :root { --scalar-custom-header-height: 48px; }
    .light-mode {
      --scalar-color-3: #5c5c5c;
      --scalar-color-green: #007a4d;
      --scalar-color-orange: #b23c00;
      --scalar-color-red: #c80000;
    }
    .dark-mode { --scalar-color-3: #a0a0a0; --scalar-color-red: #ff7b72; }
  `,
};

let viewer;

function toldHeading() {
  // An error's `documentation` ends in `#duplicate_value`, which the viewer calls by a longer name.
  const name = decodeURIComponent(location.hash.slice(1));
  if (/^[a-z_-]+$/.test(name)) {
    history.replaceState(null, "", `#customer-api/description/${name.replaceAll("_", "-")}`);
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

async function token(form) {
  const tenant = encodeURIComponent(form.get("tenant").trim());
  const answer = await fetch(`../../auth/realms/${tenant}/protocol/openid-connect/token`, {
    method: "POST",
    // Without it the browser would answer a 401 with a dialog of its own.
    credentials: "omit",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: form.get("client_id").trim(),
      client_secret: form.get("client_secret").trim(),
    }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message);
  return body.access_token;
}

function say(text, wrong = false) {
  status.textContent = text;
  status.classList.toggle("wrong", wrong);
}

async function submit(event) {
  event.preventDefault();
  const form = new FormData(credentials);
  say("Signing in …");
  try {
    const accessToken = await token(form);
    const tenant = form.get("tenant").trim();
    viewer?.updateConfiguration({
      ...configuration,
      authentication: {
        preferredSecurityScheme: [["accessToken", "tenant"]],
        securitySchemes: { accessToken: { token: accessToken }, tenant: { value: tenant } },
      },
    });
    credentials.reset();
    signIn.open = false;
    signIn.querySelector("summary").focus();
    say(`Signed in as ${tenant}`);
  } catch (error) {
    say(`Not signed in: ${error.message}`, true);
  }
}

// What the viewer tells assistive technology wrongly or not at all (WAI-ARIA 1.2).
function mend() {
  for (const input of document.querySelectorAll("[role=combobox]:not([aria-expanded])")) {
    input.setAttribute("aria-expanded", "false");
  }
  for (const editor of document.querySelectorAll("[role=textbox].cm-content:not([aria-label])")) {
    editor.setAttribute("aria-label", editor.isContentEditable ? "Body of the request" : "Body of the answer");
  }
  for (const code of document.querySelectorAll("pre, .cm-scroller, .custom-scroll, .overflow-x-auto")) {
    if (code.scrollWidth > code.clientWidth || code.scrollHeight > code.clientHeight) code.tabIndex = 0;
  }
  for (const button of document.querySelectorAll("button[role=none]")) button.removeAttribute("role");
  for (const one of document.querySelectorAll("[aria-controls]")) {
    if (!document.getElementById(one.getAttribute("aria-controls"))) one.removeAttribute("aria-controls");
  }
}

let mending = 0;
function mendSoon() {
  cancelAnimationFrame(mending);
  mending = requestAnimationFrame(mend);
}

credentials.addEventListener("submit", submit);
signIn.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  signIn.open = false;
  signIn.querySelector("summary").focus();
});

if (typeof Scalar === "undefined") {
  const missing = document.createElement("p");
  missing.id = "missing";
  missing.append("The viewer could not be had when this page was built. All it would show is in ");
  const link = document.getElementById("document").cloneNode(true);
  link.removeAttribute("id");
  missing.append(link, ".");
  document.getElementById("reference").append(missing);
} else {
  addEventListener("hashchange", toldHeading);
  toldHeading();
  viewer = Scalar.createApiReference("#reference", configuration);
  new MutationObserver(mendSoon).observe(document.body, { childList: true, subtree: true });
}
