import { checkKind, checkWhole } from "../../util/check.ts";
import { parts as scheduleParts, type RunningSchedule, type Schedule } from "./schedule.ts";

/** A schedule, and for how many updates or epochs it is used. */
export type ScheduleSpan = readonly [schedule: Schedule, length: number];

/**
 * Schedules one after another: each begins anew, with the optimizer's rate and a count of 0, where the one before it ends. The last one
 * has no length. All go by updates, or all by epochs.
 *
 * @param schedules each but the last one with its length, in updates or epochs, 1 or more
 * @throws {TypeError | RangeError} if an argument can't be used
 * @throws {RangeError} if some go by updates and others by epochs, or several follow a monitored value
 * @example
 * const schedule = scheduleSequence([linearWarmup({ length: 100 }), 100], cosineDecay({ period: 900 }));
 * new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), schedule });
 */
export function scheduleSequence(...schedules: readonly [...ScheduleSpan[], Schedule]): Schedule {
  const where = "scheduleSequence";
  const count = schedules.length;
  checkKind(count > 1, where, "the arguments", "[schedule, length], and a last schedule", count);
  /** Each schedule, and the count where it begins. */
  const spans: { readonly schedule: Schedule; readonly from: number }[] = [];
  let from = 0;
  schedules.forEach((argument: ScheduleSpan | Schedule, i) => {
    const last = i === count - 1;
    const name = `argument ${i + 1}`;
    checkKind(
      Array.isArray(argument) !== last,
      where,
      name,
      last ? "a schedule without a length" : "[schedule, length]",
      argument,
    );
    const [schedule, length] = (last ? [argument, 1] : argument) as ScheduleSpan;
    checkKind(
      typeof schedule?.start === "function",
      where,
      name,
      "a schedule such as linearWarmup({ length: 100 })",
      schedule,
    );
    checkWhole(where, `the length of ${name}`, length);
    spans.push({ schedule, from });
    from += length;
  });
  const { per } = spans[0]!.schedule;
  const other = spans.find(({ schedule }) => schedule.per !== per)?.schedule;
  if (other) {
    throw new RangeError(
      `${where}: ${spans[0]!.schedule.type} goes by ${per}s, but ${other.type} by ${other.per}s; give all the same \`per\``,
    );
  }
  const monitors = spans.filter(({ schedule }) => schedule.monitored);
  if (monitors.length > 1)
    throw new RangeError(`${where}: one schedule can follow a monitored value, got ${monitors.length}`);
  const [monitor] = monitors;
  const given = spans.map(({ schedule: { type, options }, from: begins }) => ({ type, options, begins }));
  const { rates, ...common } = scheduleParts(where, per, { spans: given });
  return {
    ...common,
    ...(monitor && { monitored: (logs) => monitor.schedule.monitored!(logs) }),
    // one of the user's is asked before every batch
    ...(rates && spans.every(({ schedule }) => schedule.rates) && { rates }),
    start(base, core) {
      const running = spans.map(({ schedule }) => schedule.start(base, core));
      let now = 0;
      const at = (t: number): number => spans.findLastIndex((span) => t >= span.from);
      const states = running.map((each) => each.state?.() ?? []);
      const observes = running.some((each) => each.observe);
      return {
        rate(t) {
          now = at(t);
          return running[now]!.rate(t - spans[now]!.from);
        },
        ...(observes && { observe: (value: number) => running[now]!.observe?.(value) }),
        ...(observes && {
          state: () => [now, ...running.flatMap((each) => each.state?.() ?? [])],
          restore([index, ...rest]: readonly number[]) {
            now = index!;
            let next = 0;
            running.forEach((each, i) => each.restore?.(rest.slice(next, (next += states[i]!.length))));
          },
        }),
      } satisfies RunningSchedule;
    },
  };
}
