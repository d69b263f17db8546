import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { sourceFiles } from "./source-files.ts";

const folder = ".github/ISSUE_TEMPLATE/";

const text = z.string().trim().min(1);
const id = z.string().regex(/^[A-Za-z0-9_-]+$/);
const validations = z.strictObject({ required: z.boolean() }).optional();
const field = { label: text, description: text.optional() };

/** GitHub's schema of issue forms, as far as it is used here. A form it does not accept is not offered to anybody. */
const formSchema = z.strictObject({
  name: text,
  description: text,
  labels: z.array(text),
  body: z.array(
    z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("markdown"), attributes: z.strictObject({ value: text }) }),
      z.strictObject({
        type: z.literal("textarea"),
        id,
        attributes: z.strictObject({ ...field, placeholder: text.optional(), render: text.optional() }),
        validations,
      }),
      z.strictObject({
        type: z.literal("input"),
        id,
        attributes: z.strictObject({ ...field, placeholder: text.optional() }),
        validations,
      }),
      z.strictObject({
        type: z.literal("dropdown"),
        id,
        attributes: z.strictObject({
          ...field,
          multiple: z.boolean().optional(),
          options: z.array(text).min(1),
        }),
        validations,
      }),
    ]),
  ),
});
type Form = z.infer<typeof formSchema>;

const repeated = (values: readonly string[]) =>
  values.filter((value, index) => values.indexOf(value) !== index);

/** What GitHub asks for beyond the shape: something to fill in; ids, labels and options that are there once. */
function mistakes({ body }: Form): string[] {
  const inputs = body.flatMap((one) => (one.type === "markdown" ? [] : [one]));
  const options = inputs.flatMap((one) => (one.type === "dropdown" ? [one.attributes.options] : []));
  return [
    ...(inputs.length === 0 ? ["nothing to fill in"] : []),
    ...repeated(inputs.map((one) => one.id)).map((one) => `id ${one} twice`),
    ...repeated(inputs.map(({ attributes }) => attributes.label)).map((one) => `label ${one} twice`),
    ...options.flatMap((list) => repeated(list)).map((one) => `option ${one} twice`),
  ];
}

describe("issue forms", () => {
  const files = sourceFiles(".yml", ".yaml").filter(({ path: file }) => file.startsWith(folder));
  const forms = files.filter(({ path: file }) => file !== `${folder}config.yml`);

  it("are there, and blank issues are not", () => {
    expect(forms.map(({ path: file }) => file.slice(folder.length))).toEqual([
      "bug.yml",
      "feature.yml",
      "question.yml",
    ]);
    const config = files.find(({ path: file }) => file === `${folder}config.yml`);
    expect(parse(config?.text ?? "")).toEqual({ blank_issues_enabled: false });
  });

  it.each(forms.map((form) => [form.path, form.text]))("%s has the form GitHub asks for", (_, content) => {
    expect(mistakes(formSchema.parse(parse(content)))).toEqual([]);
  });

  it("sends vulnerabilities to the private form", () => {
    expect(forms.find(({ path: file }) => file === `${folder}bug.yml`)?.text).toContain(
      "Report a vulnerability",
    );
  });

  it("are found wrong when they are", () => {
    const input = { type: "input", id: "a", attributes: { label: "A" } } as const;
    const form = { name: "X", description: "Y", labels: [], body: [input, input] };
    expect(mistakes(formSchema.parse(form))).toEqual(["id a twice", "label A twice"]);
    expect(formSchema.safeParse({ ...form, body: [{ type: "input", id: "a" }] }).success).toBe(false);
    expect(formSchema.safeParse({ ...form, title: "unknown", name: "" }).success).toBe(false);
  });
});
