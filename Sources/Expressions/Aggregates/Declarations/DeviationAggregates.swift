import Frames

extension Aggregate {
  static let deviations: [Aggregate] = [
    deviation(
      "stddev_samp",
      "The standard deviation of a sample, as float8; null for fewer than two values.",
      synonyms: ["stddev"], ofPopulation: false, isRoot: true),
    deviation(
      "stddev_pop", "The standard deviation, as float8; null if there are no values.",
      ofPopulation: true, isRoot: true),
    deviation(
      "var_samp", "The variance of a sample, as float8; null for fewer than two values.",
      synonyms: ["variance"], ofPopulation: false, isRoot: false),
    deviation(
      "var_pop", "The variance, as float8; null if there are no values.", ofPopulation: true,
      isRoot: false),
  ]

  private static func deviation(
    _ name: String, _ about: String, synonyms: [String] = [], ofPopulation: Bool, isRoot: Bool
  ) -> Aggregate {
    Aggregate(
      name, about, synonyms: synonyms, result: number,
      states: { _ in
        .all {
          DeviationState($0, $1, $2.count, ofPopulation: ofPopulation, isRoot: isRoot)
        }
      },
      // Of exact numbers Postgres gives no more digits than they have.
      postgres: { rows in rows.call(name, rows.number) })
  }
}
