/** 界面中文。缺少任何一条都不能通过编译。 */
import type { Texts } from "./en.ts";
import { zhPatient } from "./zh-patient.ts";
import { failuresZh } from "./failures-zh.ts";

const n = (count: number): string => count.toLocaleString("zh-CN");

/** The words in which methods say what they observed and by which rule; numbers and units stay. */
const observations: Record<string, string> = {
  present: "有", absent: "无", "not recorded": "未记录", female: "女", male: "男", oxygen: "吸氧", air: "未吸氧",
  alert: "清醒", confusion: "新发意识模糊", voice: "对声音有反应", pain: "对疼痛有反应", unresponsive: "无反应", low: "低", moderate: "中等", high: "高", "very-high": "极高",
};
const saidInChinese = (words: string): string => observations[words]
  ?? words.replace(/^(\d+) years$/, "$1 岁").replace(/^reference /, "参照值 ").replace(/^female: /, "女：").replace(/ for women$/, "（女）").replace(/ for each year$/, "（每岁）");

export const zh: Texts = {
  name: "中文",
  product: "Salus",
  notice: "仅供决策参考，不是诊断。",
  nav: { worklist: "工作列表", people: "患者", signals: "信号", ledger: "账本", administration: "管理", skip: "跳到正文", menu: "主菜单", collapse: "收窄菜单", expand: "展开菜单", person: "当前用户", signOut: "退出登录", theme: "颜色", light: "浅色", dark: "深色", system: "跟随系统", language: "语言", command: "搜索或前往", place: "地点" },
  urgency: { routine: "常规", soon: "尽快", urgent: "紧急", emergency: "危急" },
  role: { patient: "患者", practitioner: "医生", administrator: "管理员" },
  sex: { male: "男", female: "女", other: "其他", unknown: "性别未记录" },
  common: { back: "返回", close: "关闭", cancel: "取消", retry: "重试", more: "显示更多", all: "全部", why: "为什么？", source: "来源", table: "表格", chart: "图表", loading: "正在加载", print: "打印", of: "/", none: "无", unknown: "未知", now: "现在", since: (date) => `自 ${date}`, at: "时间", value: "数值", range: "参考范围", open: "打开", copy: "复制", copied: "已复制", timeZone: (zone) => `时区：${zone}`, page: (title) => `${title} · Salus` },
  errors: {
    title: { "signed-out": "您已退出登录", forbidden: "没有权限", "not-found": "未找到", conflict: "已被他人修改", throttled: "尝试次数过多", invalid: "未被接受", offline: "没有网络连接", server: "Salus 无法应答" },
    next: { "signed-out": "请重新登录，已输入的内容会保留。", forbidden: "如有需要，请联系本节点管理员。", "not-found": "此处没有该内容，或此人不在您的管理范围内。请检查网址，或搜索此人。", conflict: "请与新版本比较，然后再次保存。", throttled: "请稍候再试。", invalid: "请改正所指出的内容后再提交。", offline: "您看到的是之前加载的内容。已输入的内容不会丢失，恢复连接后可提交。", server: "请重试。若仍不行，请把时间和页面告诉管理员。" },
    offlineBar: "没有网络连接。已打开的页面仍可查看；恢复连接前不会保存更改。",
    wait: (seconds) => `请在 ${n(seconds)} 秒后重试。`,
    noPage: "没有这个页面。",
  },
  signIn: { title: "登录", username: "用户名", password: "密码", submit: "登录", wrong: "用户名或密码错误。", demo: "本节点的演示账号", demoUse: (who) => `以 ${who} 登录`, demoNote: "人物均为虚构，没有真实病历。", expiredTitle: "会话已结束", expiredText: "请重新登录以继续。本页和已输入的内容保持不变。", other: "以其他人身份登录", lead: "一份健康记录，贯穿整个诊疗过程。" },
  first: { title: "首位管理员", lead: "本节点还没有账号。请创建第一个；此链接只能使用一次。", noToken: "此页需要节点启动时显示的一次性链接。请完整打开该链接，包括 # 之后的部分。", name: "您的姓名", passwordHow: "用一句话作密码，既安全又好记。", submit: "创建账号" },
  password: { title: "修改密码", current: "当前密码", next: "新密码", submit: "修改", done: "密码已修改。" },
  progress: { title: "演示人群", of: (done, total) => `${n(done)} / ${n(total)} 人`, failed: "演示人群生成已停止" },
  worklist: { title: "工作列表", lead: (count) => count === 0 ? "目前没有人需要您处理。" : `${n(count)} 人需要关注。`, empty: "您名下还没有人。当您是其全科医生、在其医疗团队或就诊中时，他们会出现在这里。", emptyFilter: "没有这一级别的人。", filter: "按紧急程度筛选", person: "姓名", reason: "原因", time: "时间", draft: "有草稿待签", keys: "j、k 上下移动，Enter 打开", list: "按紧急程度排列", more: (count) => `滚动加载其余 ${n(count)} 人` },
  people: { title: "患者", search: "姓名（中文或拼音）或编号", empty: "您还没有可查看的患者。", noMatch: (q) => `没有与“${q}”相符的人。请减少字数、换一种文字，或用病历号查找。`, total: (count) => `${n(count)} 人`, born: "出生", number: "编号", place: "机构" },
  person: {
    tabs: { overview: "概览", timeline: "时间轴", findings: "发现", results: "结果", medicines: "用药", notes: "病情记录", signals: "信号", access: "访问" },
    sections: "病历各部分", age: (age) => `${age} 岁`, born: (date) => `${date} 出生`, died: (date) => `${date} 去世`, number: "编号",
    allergies: "过敏", noAllergies: "无已知过敏", allergiesUnknown: "未记录", problems: "当前问题", noProblems: "未记录", risks: "主要风险", noRisks: "尚未计算", vitals: "最近生命体征", noVitals: "未记录", team: "医疗团队", noTeam: "未记录", institutions: "机构", details: "详情",
    assess: "计算发现", assessing: "正在计算…", assessed: (count) => `已存储 ${n(count)} 项发现`, noFindings: "还没有发现。", noFindingsHow: "可根据当前记录进行计算。",
    picture: "病程", findings: "发现", lastResults: "最近结果", record: (first, last) => `记录自 ${first} 至 ${last}`,
    noMedicines: "记录中没有用药。", current: "目前", past: "既往", medicine: "药品", dose: "用法", started: "开始", status: "状态", statuses: { active: "使用中", "on-hold": "暂停", completed: "已完成", stopped: "已停用", cancelled: "已取消", draft: "草稿", unknown: "不详", intended: "拟用" },
    noResults: "还没有结果。有了第一个数值后会显示在这里。", group: { vital: "生命体征", lab: "化验", wearable: "家庭与可穿戴设备" }, compare: "所有图表共用同一时间段",
    access: "谁看过这份记录", accessEmpty: "还没有人看过。", who: "谁", what: "做了什么", entry: "账本条目",
    printed: (when) => `${when} 由 Salus 记录打印；每句话的来源都在记录中。`,
  },
  lane: { encounters: "就诊", problems: "问题", medicines: "用药", tests: "检验", procedures: "操作", immunizations: "疫苗", signals: "信号", wearables: "可穿戴", findings: "发现" },
  time: { brush: "时间段", whole: "一生", year: "1 年", month: "1 个月", week: "1 周", fiveYears: "5 年", zoomIn: "放大", zoomOut: "缩小", earlier: "更早", later: "更晚", help: "拖动或方向键移动，滚轮或 + − 缩放，n、p 逐项浏览，Enter 打开，0 显示全部。", empty: "此时间段内没有内容。", items: (count) => `${n(count)} 项`, events: (count, what) => `${what} × ${n(count)}`, kind: "类别", entry: "条目", end: "结束", ongoing: "至今", from: "时间段开始", to: "时间段结束" },
  chart: { noValues: "此时间段内没有数值。", gap: "缺失", outOfRange: "超出范围", inRange: "范围内", above: "偏高", below: "偏低", noRange: "无参考范围", last: "最近", points: (count) => `${n(count)} 个数值`, keys: "方向键读取数值，Enter 打开来源。", shownAs: (shown, all) => `表中显示 ${n(all)} 个数值中的 ${n(shown)} 个` },
  finding: { machine: "机器得出，未签名", machineLong: "由机器计算得出，尚无人签名。", stale: "已过期", staleLong: "计算之后有输入发生变化。使用前请重新计算。", abstained: "无法计算", contributions: "影响因素", raises: "升高", lowers: "降低", neutral: "无影响", observed: "观察值", said: saidInChinese, rule: "规则", effect: "作用", evidence: "依据", inputs: "来自记录", sources: "来自文献", limits: "局限", noLimits: "没有缺失的输入，且在方法的适用范围内。", limit: { missing: "缺失", "outside-validity": "超出适用范围", stale: "数据较旧", quality: "质量" }, method: "方法", version: (v) => `版本 ${v}`, computed: "计算时间", effective: "所述时间", ledger: "账本记录", risk: (count, years) => `情况相似的 100 人中，${years} 年内约 ${count} 人`, riskPlain: (count) => `情况相似的 100 人中约 ${count} 人`, none: "未给出影响因素。", replaces: "取代较早的发现", reasons: "理由", inputsFrom: (first, last) => first === last ? `数据日期 ${last}` : `数据日期 ${first} 至 ${last}`, earlier: (count) => `同类的较早发现 ${n(count)} 项`, probability: "风险" },
  evidence: { title: "依据", resource: "来源资源", formatted: "易读", raw: "JSON", version: (v) => `版本 ${v}`, notCurrent: "已有更新版本", from: "来自", updated: "存储于", proof: "证明", resize: "依据面板宽度", pending: "等待下一个检查点，几秒后即可证明。", noLedger: "此版本没有已知的账本条目。", check: "在本浏览器中核对", field: "字段" },
  notes: { title: "病情记录", compose: "生成草稿", composing: "正在生成…", empty: "还没有病情记录。", emptyHow: "可根据记录生成小结，您修改后再签名。", status: { preliminary: "草稿", final: "已签名", rejected: "已退回", amended: "已修订" }, draftMark: "草稿", composedBy: (who, when) => `${who} 生成，${when}`, noModel: "仅根据记录生成，未用语言模型。", edit: "编辑", editing: "正在编辑", save: "保存", saving: "正在保存…", saved: "已保存", discard: "放弃修改", sentence: "句子", add: "添加一句", remove: "删除此句", human: "人工撰写", sign: "签名", signing: "正在签名…", signTitle: "确认签名？", signText: "签名后它成为病历的一部分，其哈希写入账本；以后的修改会产生新版本。", signed: (who, when) => `${who} 签名，${when}`, valid: "签名经服务器验证", invalid: "签名不符", key: "密钥", reject: "退回", rejectTitle: "退回此草稿？", reason: "原因", reasonHow: "请说明哪里不对，以便改进方法。", rejected: (who, when) => `${who} 退回，${when}`, conflict: "您编辑时有人修改了这份记录。您的文字保留在下方。请查看新版本，然后再保存。", takeTheirs: "采用新版本", keepMine: "保存我的版本", theirs: "新版本", noEvidence: "无来源", source: (count) => `${n(count)} 个来源`, unsaved: "尚未保存", unsavedKept: "已恢复之前未保存的文字。" },
  signals: { title: "信号", listAnswer: (count, of) => count === 0 ? `最新 ${n(of)} 份记录都无需处理。` : `最新 ${n(of)} 份记录中有 ${n(count)} 份需要关注。`, listLead: "最新的在前，附节律发现与信号质量。", list: "记录，最新的在前", listEmpty: "您的患者还没有记录。记录来自设备，或用 npx salus import 导入 WFDB 文件。", notRead: "未判读", notReadLong: "还没有发现。请在患者页面进行计算。", empty: "还没有记录。设备或 WFDB 导入的心电图会显示在这里。", recording: "记录", leads: (count) => `${n(count)} 导联`, start: "开始", length: "时长", rate: "采样率", device: "设备", rhythm: "心律", heartRate: "心率", scale: "25 mm/s · 10 mm/mV", calibrate: "屏幕比例", calibrateHow: "将银行卡贴在屏幕上，把横条调到与卡同宽（85.6 毫米）。", caliper: "卡尺", caliperHow: "在图纸上拖动；或选中后按方向键（Shift 移动另一端，Esc 清除）。", beats: "检出的心搏", beat: "心搏", interval: "间期", amplitude: "幅度", earlier: "更早", later: "更晚", seconds: (s) => `${s} 秒`, gap: "无信号", pulse: "1 mV", shown: (from, to, total) => `${from}–${to} 秒，共 ${total} 秒`, asTable: "心搏表格", rr: "RR 间期" },
  ledger: {
    title: "账本", lead: (count) => `${n(count)} 个条目，只增不改。任何已存内容的改动都会在这里显露。`, checkpoint: "检查点", signedAt: "签署", origin: "账本", size: "条目数", root: "根哈希", pending: "等待中", export: "导出检查点", recent: "最近条目", index: "条目", hash: "叶哈希", kind: "类型", lookup: "查找资源", reference: "引用，例如 Observation/123", find: "显示证明", verify: "核验全部记录", verifyText: "将每个存储版本与账本和索引行重新核对，离开本页后仍会继续。", verifying: "正在核对每个版本…", verifyFailed: (when) => `核验于 ${when} 中断。请重新开始；节点日志中有原因。`, verifySteps: { leaves: (done, total) => `第 1 步（共 3 步），条目：${done} / ${total}`, versions: (done, total) => `第 2 步（共 3 步），版本：${done} / ${total}`, index: (done, total) => `第 3 步（共 3 步），资源的索引行：${done} / ${total}` }, whats: { leaf: "条目", tree: "树", checkpoint: "检查点", version: "版本", index: "索引" }, verified: (versions, leaves, rows, s) => `${s} 秒内核对 ${versions} 个版本、${leaves} 个条目、${rows} 个索引行`, intact: "一切与写入时相同。", faults: (count) => `发现 ${n(count)} 处异常`, what: "内容", empty: "还没有条目。",
    kinds: { create: "新增", update: "修改", delete: "删除", decision: "机器判断", signature: "签名", export: "导出", login: "登录", policy: "权限", meta: "更改标签", merge: "患者合并", unmerge: "撤销合并", purge: "清除个人数据", purged: "已清除", read: "读取", search: "检索", history: "历史版本", everything: "整份记录" },
    proof: "证明", checking: "正在本浏览器中核对…", proven: "已证明：此版本在账本中，未被改动。", broken: "未能证明：有一步不成立。", step: { content: "所示资源的哈希与账本条目中的值一致", leaf: "盐与条目的哈希等于叶", path: (count) => `叶经 ${n(count)} 步到达根`, checkpoint: "该根在检查点中", signature: "检查点由本节点的密钥签署", key: "密钥与本浏览器首次所见相同" },
    passed: "成立", failed: "不成立", skipped: "未核对", noEd25519: "此浏览器无法核对 Ed25519 签名。", firstSeen: "首次见到，已记在本浏览器中。", detail: "显示哈希", left: "左", right: "右",
  },
  administration: {
    title: "管理", running: (name) => `${name} 正在运行。`, filling: (name) => `${name} 正在运行；演示人群仍在生成。`, since: (when) => `启动于 ${when}`, node: "节点", version: "版本", database: "数据库", embedded: "内置", own: "由 DATABASE_URL 指定", entries: (count) => `${n(count)} 个条目`, checkpoint: "最近检查点", checkpointOf: (size, when) => `${size} 个条目，签署于 ${when}`, noCheckpoint: "尚未签署。打开账本页即会签署。", jobs: "任务", noJobs: "没有后台任务。", complete: (count) => `已完成，${count} 人`,
    accounts: "账号", role: "角色", agent: "对应记录", agentHow: { practitioner: "医生的资源，例如 Practitioner/123", patient: "患者的资源，例如 Patient/123", administrator: "Practitioner/123，或留空" }, state: "状态", active: "启用", disabled: "已停用", demo: "演示", you: "您", create: "新建账号", nameEn: "英文姓名", nameZh: "中文姓名", newPassword: "重设密码", enable: "启用", disable: "停用",
    disableTitle: (name) => `停用 ${name} 的账号？`, disableText: "该账号的所有会话和令牌立即结束。已写入的内容保留，账号可再次启用。", passwordTitle: (name) => `为 ${name} 重设密码`, passwordText: "该账号的所有会话和令牌将结束。请把新密码告诉本人；本人可在右上角菜单中修改。", passwordDone: "新密码已生效。",
  },
  command: { title: "前往", placeholder: "患者、页面或操作", people: "患者", pages: "页面", actions: "操作", empty: "没有找到。", language: "Switch to English", themeDark: "深色", themeLight: "浅色", hint: "↑ ↓ 选择 · Enter 打开 · Esc 关闭" },
  patient: zhPatient,
  failures: failuresZh,
};
