/**
 * Text of an expression constraint → what it says. Brief and long syntax may be mixed. The brackets decide between an
 * attribute's name and a bracketed refinement by what follows them, so nothing is read twice.
 */
import { ok, type Result } from "#platform/result.ts";
import type { Attribute, Cardinality, Comparison, Expression, HierarchyOperator, Ordering, Refinement, SearchTerm } from "./ast.ts";
import { conceptFilters, descriptionFilters, filterLetter, historyAssociations, memberFilters } from "./parse-filters.ts";
import { faultAt, tokens, type EclLimits, type Token } from "./lexer.ts";

export function parseEcl(source: string, limits: EclLimits = {}): Result<Expression> {
  const list = tokens(source, limits);
  if (!list.ok) return list;
  try {
    const parser = new Parser(list.value);
    const expression = parser.expression();
    if (parser.here.kind !== "end") parser.fault(parser.meansNothing());
    return ok(expression);
  } catch (error) {
    if (error instanceof EclFault) return faultAt(source, error.at, error.message);
    throw error;
  }
}

class EclFault extends Error {
  readonly at: number;
  constructor(at: number, text: string) {
    super(text);
    this.at = at;
  }
}

const hierarchySigns: Readonly<Record<string, HierarchyOperator>> = {
  "<": "descendantOf", "<<": "descendantOrSelfOf", "<!": "childOf", "<<!": "childOrSelfOf",
  ">": "ancestorOf", ">>": "ancestorOrSelfOf", ">!": "parentOf", ">>!": "parentOrSelfOf", "!!>": "top", "!!<": "bottom",
};
const hierarchyWords: Readonly<Record<string, HierarchyOperator>> = Object.fromEntries(Object.values(hierarchySigns).map((name) => [name.toLowerCase(), name]));
const one: Cardinality = { min: 1, max: undefined };

export class Parser {
  readonly #tokens: readonly Token[];
  #index = 0;
  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  get here(): Token { return this.#tokens[this.#index]!; }
  peek(ahead: number): Token { return this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)]!; }
  fault(text: string, token: Token = this.here): never { throw new EclFault(token.at, text); }
  isSign(text: string, token: Token = this.here): boolean { return token.kind === "sign" && token.text === text; }
  isWord(text: string, token: Token = this.here): boolean { return token.kind === "word" && token.text.toLowerCase() === text; }
  next(): Token { return this.#tokens[this.#index++]!; }
  takeSign(text: string): boolean { return this.isSign(text) && (this.#index++, true); }
  takeWord(text: string): boolean { return this.isWord(text) && (this.#index++, true); }
  expect(text: string, after: string): void {
    if (!this.takeSign(text)) this.fault(`"${text}" is expected ${after}`);
  }

  /** What to say of a token that cannot follow an expression. */
  meansNothing(): string {
    if (this.isWord("and") || this.isWord("or") || this.isWord("minus") || this.isSign(",")) return "AND, OR and MINUS are not mixed without brackets, and MINUS takes two sides; bracket one side";
    if (this.isSign(":")) return 'a refinement (":") follows one concept set; bracket what stands before it';
    if (this.isSign(".")) return 'a dotted attribute (".") follows one concept set; bracket what stands before it';
    return "the expression has ended before this";
  }

  expression(): Expression {
    const first = this.subExpression();
    if (this.takeSign(":")) return { kind: "refined", focus: first, refinement: this.refinement() };
    if (this.isSign(".")) {
      let focus = first;
      while (this.takeSign(".")) focus = { kind: "dotted", focus, attribute: this.subExpression() };
      return focus;
    }
    if (this.takeWord("minus")) return { kind: "minus", left: first, right: this.subExpression() };
    const joined = this.#join(first, () => this.subExpression());
    return joined.kind === undefined ? first : { kind: joined.kind, parts: joined.parts };
  }

  /** Further parts joined all by AND (or ",") or all by OR. */
  #join<Part>(first: Part, part: () => Part): { kind: "and" | "or" | undefined; parts: Part[] } {
    const parts = [first];
    const kind = this.isWord("and") || this.isSign(",") ? "and" : this.isWord("or") ? "or" : undefined;
    while (kind === "and" ? this.takeWord("and") || this.takeSign(",") : kind === "or" && this.takeWord("or")) parts.push(part());
    return { kind, parts };
  }

  subExpression(): Expression {
    const operator = this.#hierarchyOperator();
    let expression = this.#members() ?? this.#focus();
    let hasHistory = false;
    const afterwards: ((of: Expression) => Expression)[] = [];
    while (this.isSign("{{")) {
      const start = this.here;
      if (hasHistory) this.fault("a history supplement is the last of the filters");
      this.next();
      if (this.takeSign("+")) {
        const associations = historyAssociations(this);
        afterwards.push((of) => ({ kind: "history", of, associations }));
        hasHistory = true;
      } else switch (filterLetter(this)) {
        case "m": {
          if (expression.kind !== "members" || afterwards.length > 0) this.fault("a member filter ({{ M … }}) follows the members of a reference set (^)", start);
          expression = { ...expression, filters: [...expression.filters, ...memberFilters(this)] };
          break;
        }
        case "c": {
          const filters = conceptFilters(this);
          afterwards.push((of) => ({ kind: "filtered", of, filters }));
          break;
        }
        case "d": {
          const filters = descriptionFilters(this);
          afterwards.push((of) => ({ kind: "described", of, filters }));
        }
      }
      this.expect("}}", "at the end of the filter");
    }
    if (operator !== undefined) expression = { kind: "hierarchy", operator, of: expression };
    return afterwards.reduce((of, wrap) => wrap(of), expression);
  }

  #hierarchyOperator(): HierarchyOperator | undefined {
    const { kind, text } = this.here;
    const operator = kind === "sign" ? hierarchySigns[text] : kind === "word" && Object.hasOwn(hierarchyWords, text.toLowerCase()) ? hierarchyWords[text.toLowerCase()] : undefined;
    if (operator !== undefined) this.next();
    return operator;
  }

  #members(): (Expression & { kind: "members" }) | undefined {
    if (!this.takeSign("^") && !this.takeWord("memberof")) return undefined;
    let field = "referencedComponentId";
    if (this.takeSign("[")) {
      const at = this.here;
      if (this.takeSign("*") || (this.next().kind === "word" && this.isSign(","))) this.fault("rows of a reference set are no concepts; name one field", at);
      if (at.kind !== "word") this.fault("the name of a field of the reference set is expected", at);
      field = at.text;
      this.expect("]", "after the field");
    }
    return { kind: "members", of: this.#focus(), field, filters: [] };
  }

  #focus(): Expression {
    const token = this.here;
    if (this.takeSign("(")) {
      const inner = this.expression();
      if (!this.takeSign(")")) this.fault(this.meansNothing());
      return inner;
    }
    if (this.takeSign("*") || this.takeWord("any")) return { kind: "any" };
    if (token.kind === "digits") return this.concept();
    if (token.kind === "alternate" || (token.kind === "text" && /^[A-Za-z][A-Za-z0-9-]*#./s.test(token.text))) {
      this.next();
      if (this.here.kind === "term") this.next();
      const hash = token.text.indexOf("#");
      return { kind: "alternate", scheme: token.text.slice(0, hash), code: token.text.slice(hash + 1) };
    }
    if (token.kind === "sign" && hierarchySigns[token.text] !== undefined) this.fault("an operator follows an operator; bracket the inner one: < ( > 123456 )");
    return this.fault("a concept, * or a bracketed expression is expected");
  }

  /** An identifier with or without its |term|. */
  concept(): Expression & { kind: "concept" } {
    const token = this.next();
    if (token.kind !== "digits" || !/^[1-9]\d{5,17}$/.test(token.text)) this.fault("a SNOMED CT identifier is expected: 6 to 18 digits that do not begin with 0", token);
    if (this.here.kind === "term") this.next();
    return { kind: "concept", id: token.text };
  }

  refinement(): Refinement {
    const first = this.#subRefinement();
    const { kind, parts } = this.#join(first, () => this.#subRefinement());
    return kind === undefined ? first : { kind, parts };
  }

  /** An attribute, a group, or a bracketed refinement; brackets are an attribute's name when a comparison or a filter follows them. */
  #subRefinement(isInGroup = false): Refinement {
    if (this.isSign("(")) {
      const after = this.#tokens[this.here.closes! + 1]!;
      if (this.#isComparison(after) || this.isSign("{{", after)) return this.#attribute(one);
      this.next();
      const inner = isInGroup ? this.#attributeSet() : this.refinement();
      this.expect(")", "at the end of the bracketed refinement (AND and OR are not mixed without brackets)");
      return inner;
    }
    const cardinality = this.#cardinality();
    if (!this.isSign("{")) return this.#attribute(cardinality ?? one);
    if (isInGroup) this.fault("a group does not hold groups");
    this.next();
    const of = this.#attributeSet();
    this.expect("}", "at the end of the group (AND and OR are not mixed without brackets)");
    return { kind: "group", cardinality: cardinality ?? one, of };
  }

  #attributeSet(): Refinement {
    const first = this.#subRefinement(true);
    const { kind, parts } = this.#join(first, () => this.#subRefinement(true));
    return kind === undefined ? first : { kind, parts };
  }

  #cardinality(): Cardinality | undefined {
    const start = this.here;
    if (!this.takeSign("[")) return undefined;
    const bound = (): number => {
      const token = this.next();
      if (token.kind !== "digits" || !/^(0|[1-9]\d{0,8})$/.test(token.text)) this.fault("a whole number is expected", token);
      return Number(token.text);
    };
    const min = bound();
    if (!this.takeSign("..") && !this.takeWord("to")) this.fault('".." is expected between the bounds of a cardinality');
    const max = this.takeSign("*") || this.takeWord("many") ? undefined : bound();
    this.expect("]", "after the cardinality");
    if (max !== undefined && max < min) this.fault(`no count is at least ${min} and at most ${max}`, start);
    return { min, max };
  }

  #isComparison(token: Token): boolean {
    return token.kind === "sign" ? ["=", "!=", "<>", "<=", "<", ">=", ">"].includes(token.text) : token.kind === "word" && token.text.toLowerCase() === "not";
  }

  #attribute(cardinality: Cardinality): Attribute {
    const reverse = this.takeWord("r") || this.takeWord("reverseof");
    const name = this.subExpression();
    const at = this.here;
    const comparison = this.comparison();
    if (reverse && comparison.kind !== "concepts") this.fault("a reversed attribute is compared with concepts; a concrete value is no concept's source", at);
    return { kind: "attribute", cardinality, reverse, name, comparison };
  }

  /** =, !=, <>, NOT =, <, <=, >, >= */
  ordering(): Ordering {
    const token = this.next();
    if (this.isWord("not", token)) {
      this.expect("=", "after NOT");
      return "!=";
    }
    if (!this.#isComparison(token)) this.fault('a comparison ("=", "!=") is expected', token);
    return token.text === "<>" ? "!=" : (token.text as Ordering);
  }

  equality(): boolean {
    const at = this.here;
    const operator = this.ordering();
    if (operator !== "=" && operator !== "!=") this.fault('only "=" and "!=" can compare here', at);
    return operator === "=";
  }

  comparison(): Comparison {
    const at = this.here;
    const operator = this.ordering();
    const token = this.here;
    if (token.kind === "number") {
      this.next();
      return { kind: "number", operator, value: token.text };
    }
    if (operator !== "=" && operator !== "!=") this.fault(`"${operator}" compares numbers, written with #`, at);
    const equal = operator === "=";
    if (this.takeWord("true")) return { kind: "boolean", equal, value: true };
    if (this.takeWord("false")) return { kind: "boolean", equal, value: false };
    if (this.#isSearchTerm(token) || (this.isSign("(") && this.#isSearchTerm(this.peek(1)))) return { kind: "text", equal, terms: this.searchTerms("exact") };
    return { kind: "concepts", equal, of: this.subExpression() };
  }

  #isSearchTerm(token: Token): boolean {
    return (token.kind === "text" && !/^[A-Za-z][A-Za-z0-9-]*#/.test(token.text)) || this.isWord("match", token) || this.isWord("wild", token);
  }

  /** One term or a bracketed list. `plain`: what a term without match: or wild: means. */
  searchTerms(plain: "match" | "exact"): SearchTerm[] {
    if (!this.takeSign("(")) return [this.#searchTerm(plain)];
    const terms: SearchTerm[] = [];
    while (!this.takeSign(")")) terms.push(this.#searchTerm(plain));
    if (terms.length === 0) this.fault("a term is expected between the brackets");
    return terms;
  }

  #searchTerm(plain: "match" | "exact"): SearchTerm {
    const isWild = this.takeWord("wild");
    const isMatch = !isWild && this.takeWord("match");
    if (isWild || isMatch) this.expect(":", `after "${isWild ? "wild" : "match"}"`);
    const token = this.next();
    if (token.kind !== "text") this.fault('a term between quotes is expected: "heart att"', token);
    if (isWild) return { kind: "wild", pieces: wildPieces(token.text) };
    const text = token.text.replaceAll(/\\(.)/gs, "$1");
    if (!isMatch && plain === "exact") return { kind: "exact", text };
    const words = text.split(/\s+/).filter((piece) => piece !== "");
    if (words.length === 0) this.fault("a term without a word matches nothing; write at least one word", token);
    return { kind: "match", words };
  }
}

/** Cuts at "*" but not at "\*". */
function wildPieces(text: string): string[] {
  const pieces = [""];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\" && i + 1 < text.length) pieces[pieces.length - 1] += text[++i]!;
    else if (text[i] === "*") pieces.push("");
    else pieces[pieces.length - 1] += text[i]!;
  }
  return pieces;
}
