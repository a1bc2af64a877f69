/** What stands between {{ and }}: filters of descriptions, concepts and members, and history supplements. */
import type { ActiveFilter, ConceptFilter, DescriptionFilter, Dialect, Expression, MemberFilter, ModuleFilter, Ordering, TimeFilter } from "./ast.ts";
import type { Parser } from "./parse.ts";
import { acceptabilities, associationRoot, definitionStatuses, descriptionTypes, dialects, historyProfiles } from "./snomed.ts";

const descriptionKeywords = ["term", "language", "type", "typeid", "dialect", "dialectid", "moduleid", "effectivetime", "active", "id"];
const conceptKeywords = ["definitionstatus", "definitionstatusid", "moduleid", "effectivetime", "active"];

/** Which filter follows; without a letter it is a description's. */
export function filterLetter(parser: Parser): "d" | "c" | "m" {
  for (const letter of ["d", "c", "m"] as const) if (parser.isWord(letter)) {
    parser.next();
    return letter;
  }
  return "d";
}

export function descriptionFilters(parser: Parser): DescriptionFilter[] {
  return listed(parser, (): DescriptionFilter => {
    const at = parser.here;
    const keyword = parser.next().text.toLowerCase();
    switch (at.kind === "word" ? keyword : "") {
      case "term": return { kind: "term", equal: parser.equality(), terms: parser.searchTerms("match") };
      case "language": {
        const equal = parser.equality();
        const codes = bracketed(parser, () => {
          const code = parser.next();
          if (code.kind !== "word" || !/^[A-Za-z]{2}$/.test(code.text)) parser.fault("a language of two letters is expected", code);
          return code.text.toLowerCase();
        });
        return { kind: "language", equal, codes };
      }
      case "type": return { kind: "type", equal: parser.equality(), types: tokensOrFault(parser, descriptionTypes, "a description type") };
      case "typeid": return { kind: "type", equal: parser.equality(), types: conceptSet(parser) };
      case "dialect": case "dialectid": return dialectFilter(parser, keyword === "dialectid");
      case "id": {
        const equal = parser.equality();
        return { kind: "id", equal, ids: bracketed(parser, () => parser.concept().id) };
      }
      default: return shared(parser, at, keyword) ?? parser.fault(`a filter of descriptions is expected (${descriptionKeywords.join(", ")}); filters of concepts begin with C, of members with M`, at);
    }
  });
}

export function conceptFilters(parser: Parser): ConceptFilter[] {
  return listed(parser, (): ConceptFilter => {
    const at = parser.here;
    const keyword = parser.next().text.toLowerCase();
    switch (at.kind === "word" ? keyword : "") {
      case "definitionstatus": return { kind: "definitionStatus", equal: parser.equality(), statuses: tokensOrFault(parser, definitionStatuses, "a definition status") };
      case "definitionstatusid": return { kind: "definitionStatus", equal: parser.equality(), statuses: conceptSet(parser) };
      default: return shared(parser, at, keyword) ?? parser.fault(`a filter of concepts is expected (${conceptKeywords.join(", ")})`, at);
    }
  });
}

export function memberFilters(parser: Parser): MemberFilter[] {
  return listed(parser, (): MemberFilter => {
    const at = parser.here;
    const { text } = parser.next();
    if (at.kind !== "word") parser.fault("the name of a field of the reference set is expected", at);
    const common = shared(parser, at, text.toLowerCase());
    if (common !== undefined) return common;
    if (!/^[A-Za-z]+$/.test(text)) parser.fault("the name of a field has letters only", at);
    return { kind: "field", name: text, comparison: memberComparison(parser) };
  });
}

/** A quotation of eight digits compared by order is a time; by equality it is a text that says the same. */
function memberComparison(parser: Parser): Extract<MemberFilter, { kind: "field" }>["comparison"] {
  const ahead = parser.here.text;
  const isOrder = ["<", "<=", ">", ">="].includes(ahead) && (parser.peek(1).kind === "text" || (parser.isSign("(", parser.peek(1)) && parser.peek(2).kind === "text"));
  if (!isOrder) return parser.comparison();
  const operator: Ordering = parser.ordering();
  return { kind: "time", operator, values: times(parser) };
}

/** moduleId, effectiveTime and active mean the same of concepts, descriptions and members. */
function shared(parser: Parser, at: Parser["here"], keyword: string): ModuleFilter | TimeFilter | ActiveFilter | undefined {
  if (at.kind !== "word") return undefined;
  switch (keyword) {
    case "moduleid": return { kind: "module", equal: parser.equality(), modules: conceptSet(parser) };
    case "effectivetime": {
      const operator = parser.ordering();
      return { kind: "effectiveTime", operator, values: times(parser) };
    }
    case "active": {
      const equal = parser.equality();
      const value = parser.next();
      const isTrue = parser.isWord("true", value) || value.text === "1";
      if (!isTrue && !parser.isWord("false", value) && value.text !== "0") parser.fault("true, false, 1 or 0 is expected", value);
      return { kind: "active", value: isTrue === equal };
    }
    default: return undefined;
  }
}

function times(parser: Parser): string[] {
  return bracketed(parser, () => {
    const value = parser.next();
    if (value.kind !== "text" || !/^([1-9]\d{3}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))?$/.test(value.text)) parser.fault('a day is expected: "20240101", or "" for what is not published', value);
    return value.text;
  });
}

function dialectFilter(parser: Parser, isId: boolean): DescriptionFilter {
  const equal = parser.equality();
  const one = (): Dialect => {
    const refsets = isId ? parser.concept() : concept(token(parser, dialects, "a dialect"));
    return { refsets, ...acceptability(parser) };
  };
  // A bracketed expression and a bracketed list begin alike; a list holds identifiers, then maybe brackets of its own.
  if (isId && !isConceptList(parser)) return { kind: "dialect", equal, dialects: [{ refsets: parser.subExpression(), ...acceptability(parser) }] };
  const list = bracketed(parser, one);
  const common = acceptability(parser);
  return { kind: "dialect", equal, dialects: list.map((dialect) => ({ ...dialect, ...common })) };
}

function acceptability(parser: Parser): { acceptability?: string[] } {
  if (!parser.isSign("(")) return {};
  return { acceptability: bracketed(parser, () => (parser.here.kind === "digits" ? parser.concept().id : token(parser, acceptabilities, "an acceptability"))) };
}

/** The profile after HISTORY, or the reference sets between brackets. */
export function historyAssociations(parser: Parser): Expression {
  const at = parser.next();
  const [, suffix] = (at.kind === "word" && /^history(?:[-_](min|mod|max))?$/i.exec(at.text)) || parser.fault("HISTORY, HISTORY-MIN, HISTORY-MOD or HISTORY-MAX is expected after +", at);
  switch (suffix?.toLowerCase()) {
    case "min": return union(historyProfiles.min.map(concept));
    case "mod": return union(historyProfiles.mod.map(concept));
    case "max": return { kind: "hierarchy", operator: "descendantOf", of: concept(associationRoot) };
    default: {
      if (!parser.takeSign("(")) return { kind: "hierarchy", operator: "descendantOf", of: concept(associationRoot) };
      const subset = parser.expression();
      parser.expect(")", "after the reference sets of the history supplement");
      return subset;
    }
  }
}

/** A sub-expression, or a bracketed list of concepts. */
function conceptSet(parser: Parser): Expression {
  return isConceptList(parser) && parser.isSign("(") ? union(bracketed(parser, () => parser.concept())) : parser.subExpression();
}

/** ( id id … ) or ( id (…) … ); a single identifier between brackets reads the same either way. */
function isConceptList(parser: Parser): boolean {
  if (!parser.isSign("(")) return false;
  if (parser.peek(1).kind !== "digits") return false;
  const after = parser.peek(parser.peek(2).kind === "term" ? 3 : 2);
  return after.kind === "digits" || (after.kind === "sign" && (after.text === "(" || after.text === ")"));
}

function tokensOrFault(parser: Parser, names: Readonly<Record<string, string>>, what: string): Expression {
  return union(bracketed(parser, () => concept(token(parser, names, what))));
}

function token(parser: Parser, names: Readonly<Record<string, string>>, what: string): string {
  const at = parser.next();
  const name = at.text.toLowerCase();
  return at.kind === "word" && Object.hasOwn(names, name) ? names[name]! : parser.fault(`${what} is expected: ${Object.keys(names).join(", ")}`, at);
}

function listed<Filter>(parser: Parser, one: () => Filter): Filter[] {
  const filters = [one()];
  while (parser.takeSign(",")) filters.push(one());
  return filters;
}

/** One, or ( several ). */
function bracketed<Item>(parser: Parser, one: () => Item): Item[] {
  if (!parser.takeSign("(")) return [one()];
  const items: Item[] = [];
  while (!parser.takeSign(")")) items.push(one());
  if (items.length === 0) parser.fault("at least one is expected between the brackets");
  return items;
}

function concept(id: string): Expression {
  return { kind: "concept", id };
}

function union(parts: readonly Expression[]): Expression {
  return parts.length === 1 ? parts[0]! : { kind: "or", parts };
}
