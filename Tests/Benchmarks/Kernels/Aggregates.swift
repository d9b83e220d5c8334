import Expressions

/// Aggregates of groups, the kernel of windows and features; beside each its loop by hand.
func aggregateTable() throws -> Figures {
  let sample = SampleRows()
  let groups = sample.groups
  let count = SampleRows.groupCount
  var figures = Figures(
    title: "Aggregates of groups",
    meaning:
      "Million rows a second into \(count) groups, as features put rows into windows; beside "
      + "it the same by a loop written for this aggregate.",
    header: ["aggregate", "Mrows/s", "loop, Mrows/s", "times the loop"])
  func add(_ expression: String, _ loop: () -> Void) throws {
    let aggregate = try sample.aggregate(expression)
    let seconds = try fastest {
      let states = try aggregate.accumulate(
        over: sample.frame, groups: groups, groupCount: count, in: sample.context)
      keep(states.groupCount)
    }
    figures.add("`\(expression)`", count: SampleRows.count, seconds, fastest(loop))
  }
  let (amounts, seconds, kinds) = (sample.amounts, sample.seconds, sample.kinds)
  try add("count(*)") {
    var counts = [Int](repeating: 0, count: count)
    for group in groups where group >= 0 { counts[Int(group)] += 1 }
    keep(counts)
  }
  try add("count(*) filter (where kind = 'cart')") {
    var counts = [Int](repeating: 0, count: count)
    for row in groups.indices where groups[row] >= 0 && kinds[row] == 1 {
      counts[Int(groups[row])] += 1
    }
    keep(counts)
  }
  try add("sum(amount)") {
    var sums = [Int128](repeating: 0, count: count)
    for row in groups.indices where groups[row] >= 0 {
      sums[Int(groups[row])] += Int128(amounts[row])
    }
    keep(sums)
  }
  try add("sum(seconds)") {
    var sums = [Double](repeating: 0, count: count)
    for row in groups.indices where groups[row] >= 0 { sums[Int(groups[row])] += seconds[row] }
    keep(sums)
  }
  try add("max(seconds)") {
    var highest = [Double](repeating: -.infinity, count: count)
    for row in groups.indices where groups[row] >= 0 {
      let group = Int(groups[row])
      highest[group] = max(highest[group], seconds[row])
    }
    keep(highest)
  }
  try add("count(distinct category)") {
    var sets = [UInt64](repeating: 0, count: count)
    for row in groups.indices where groups[row] >= 0 {
      sets[Int(groups[row])] |= 1 << UInt64(sample.categories[row])
    }
    keep(sets.map(\.nonzeroBitCount))
  }
  return figures
}
