/** The schemas that tools are rendered with. They may be simpler than those that constrain calls. */

import { treeOf } from "../json/tree.js";
import { collapsedPaths } from "../schemas/expressible.js";
import { simplifiedText } from "../schemas/simplify.js";
import type { Namespace, OfferedTool } from "./tools.js";

/** Is called for each part of a schema that is not rendered in full. */
export type Collapsed = (message: string, path: string) => void;

const ADVICE = "simplifySchemas renders it, or simplifySchema before it is declared";

/** The namespaces with simplified schemas. */
export function withSimpleSchemas(
  namespaces: readonly Namespace[],
  collapsed: Collapsed,
): Namespace[] {
  return eachTool(namespaces, (tool) => {
    if (tool.parameters === undefined) return tool;
    const parameters = simplifiedText(tool.parameters, ({ path, reason }) => {
      collapsed(`the schema is rendered in part: ${reason}`, joinedPath(tool.schemaPath, path));
    });
    return { ...tool, parameters };
  });
}

/** Reports every part of a schema that upstream renders as `any`, or without its members. */
export function reportCollapsed(namespaces: readonly Namespace[], collapsed: Collapsed): void {
  for (const { parameters, schemaPath } of namespaces.flatMap(({ tools }) => tools)) {
    if (parameters === undefined) continue;
    for (const path of collapsedPaths(treeOf(parameters), "")) {
      collapsed(`upstream renders the schema as any: ${ADVICE}`, joinedPath(schemaPath, path));
    }
  }
}

function eachTool(
  namespaces: readonly Namespace[],
  change: (tool: OfferedTool) => OfferedTool,
): Namespace[] {
  return namespaces.map((space) => ({ ...space, tools: space.tools.map(change) }));
}

function joinedPath(schema: string, path: string): string {
  return path === "" ? schema : `${schema}.${path}`;
}
