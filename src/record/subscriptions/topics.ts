/** The topics of this node: built in, and Basic resources of code SubscriptionTopic that administrators stored. */
import { builtInTopics } from "#fhir/subscriptions/built-in-topics.ts";
import { topicCode, topicOfBasic, type Topic } from "#fhir/subscriptions/topic.ts";
import { codeKey, systemKey } from "../keys.ts";
import type { Queryable } from "../sql.ts";

const topicsMax = 500;

/** Built-in topics come first and cannot be redefined; of stored ones with the same url and version the newest counts. Those that cannot be read are left out. */
export async function readTopics(db: Queryable): Promise<readonly Topic[]> {
  // Without persons: only administrators write such, so nobody else defines what others are told.
  const rows = await db.unsafe<{ content: string }[]>(`select r.content from token t join resource r on r.ck = t.ck and r.rid = t.rid
    where t.code = $1::bigint and t.system = $2::int and r.type = 'Basic' and not r.deleted and r.persons = '{}' order by r.updated desc limit ${topicsMax}`,
    [codeKey("Basic", "code", topicCode.code), systemKey(topicCode.system)], { prepare: true });
  const stored = rows.flatMap(({ content }) => {
    const topic = topicOfBasic(JSON.parse(content) as Record<string, unknown>);
    return topic.ok ? [topic.value] : [];
  });
  return [...builtInTopics(), ...stored];
}
