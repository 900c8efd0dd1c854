// What an integration in TypeScript does with types generated from the document.
import createClient from "openapi-fetch";
import type { paths } from "./api";

declare const process: { argv: string[] };

const [url, token, tenant, email] = process.argv.slice(2);
const api = createClient<paths>({
  baseUrl: url,
  headers: { Authorization: `Bearer ${token}`, "X-TWC-Tenant": tenant },
});

function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

const created = await api.POST("/services/customerservice/api/v2/customers", { body: { email, firstName: "Ann" } });
must(created.data !== undefined, "created");
const id: string = created.data.id;
const one = { params: { path: { customer: id } } };

const found = await api.GET("/services/customerservice/api/v2/customers/{customer}", one);
must(found.data?.email === email, "found");
const changed = await api.PUT("/services/customerservice/api/v2/customers/{customer}", {
  ...one,
  body: { lastName: "Lee", dob: null },
});
must(changed.data?.lastName === "Lee", "changed");
const gone = await api.DELETE("/services/customerservice/api/v2/customers/{customer}", one);
must(gone.response.status === 204, "deleted");
const missing = await api.GET("/services/customerservice/api/v2/customers/{customer}", one);
must(missing.error?.code === "not_found", "not found");
