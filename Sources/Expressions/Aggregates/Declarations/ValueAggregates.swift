import Frames

extension Aggregate {
  static let ofValues: [Aggregate] = [
    Aggregate(
      "count", "The number of rows, of values that are not null, or of different values.",
      .value, [.ofRows, .takesDistinct, .counts, .hidesValues],
      usage: "write count(*) to count rows",
      result: { $0 == .jsonb ? nil : .int8 },
      states: { id in
        guard id.isDistinct else { return .blocks { CountState(groupCount: $0) } }
        let collected: AggregateStates.All = { CollectedState($0, $1, $2, .distinctCount) }
        return id.takes.first?.storage == .int64
          ? .blocksOrAll({ DistinctState(groupCount: $0) }, collected) : .all(collected)
      },
      postgres: { rows in rows.call("count") }),
    Aggregate(
      "sum", "The sum of the values that are not null; null if there are none.",
      mistyped: { type, _ in type == .bool ? "count the rows: count(*) filter (where …)" : nil },
      result: sum,
      states: { id in
        id.isOfFloats
          ? .blocks { FloatSumState(groupCount: $0, isMean: false) }
          : .blocks { ExactSumState(groupCount: $0, meanScale: nil) }
      },
      postgres: { rows in
        // Postgres adds up single precision in single precision.
        rows.valueType == .float4
          ? rows.cast(rows.call("sum", rows.number), to: .float4) : rows.call("sum")
      }),
    Aggregate(
      "avg", "The mean of the values that are not null, as float8; null if there are none.",
      mistyped: { type, text in type == .bool ? "make it 1 or 0: avg((\(text))::int)" : nil },
      result: number,
      states: { id in
        let scale = id.takes.first?.exactDigits.scale
        return id.isOfFloats
          ? .blocks { FloatSumState(groupCount: $0, isMean: true) }
          : .blocks { ExactSumState(groupCount: $0, meanScale: scale) }
      },
      postgres: { rows in
        guard !rows.valueType.isFloat else { return rows.call("avg", rows.number) }
        // The sum is exact, as it is here.
        let (sum, count) = (rows.call("sum"), rows.call("count"))
        return [rows.cast(sum, to: .float8), rows.cast(count, to: .float8)].joined(by: "/")
      }),
    extreme("min", "The least value; null if there are none.", takesGreater: false),
    extreme("max", "The greatest value; null if there are none.", takesGreater: true),
    truth("bool_or", "Whether one value is true; null if there are none.", isOr: true),
    truth(
      "bool_and", "Whether all values are true; null if there are none.", synonyms: ["every"],
      isOr: false),
  ]

  /// What is worked out from numbers as a float8.
  static let number: @Sendable (ColumnType) -> ColumnType? = { $0.isNumber ? .float8 : nil }

  private static let sum: @Sendable (ColumnType) -> ColumnType? = { type in
    switch type {
    case .int2, .int4: .int8
    case .int8: .numeric(precision: ColumnType.maximumPrecision, scale: 0)
    case .numeric(_, let scale): .numeric(precision: ColumnType.maximumPrecision, scale: scale)
    case .float4, .float8: type
    default: nil
    }
  }

  private static func extreme(_ name: String, _ about: String, takesGreater: Bool) -> Aggregate {
    Aggregate(
      name, about, .value, [.takesDistinct, .isOneValue],
      result: { [.bool, .uuid, .jsonb].contains($0) ? nil : $0 },
      states: { id in extremes(of: id.takes.first?.storage ?? .text, takesGreater) },
      postgres: { rows in rows.chosen(rows.call(name, rows.ordered)) })
  }

  private static func truth(
    _ name: String, _ about: String, synonyms: [String] = [], isOr: Bool
  ) -> Aggregate {
    Aggregate(
      name, about, synonyms: synonyms, result: { $0 == .bool ? .bool : nil },
      states: { _ in .blocks { BoolState(groupCount: $0, isOr: isOr) } },
      postgres: { rows in rows.call(name) })
  }

  /// Texts are taken all at once: the codes of one block are not those of another.
  private static func extremes(of storage: Storage, _ takesGreater: Bool) -> AggregateStates {
    switch storage {
    case .int64:
      .blocks {
        ExtremeState(groupCount: $0, 0, takesGreater: takesGreater, ColumnValues.int64) {
          if case .int64(let values) = $0 { values } else { nil }
        }
      }
    case .int128:
      .blocks {
        ExtremeState(groupCount: $0, 0, takesGreater: takesGreater, ColumnValues.int128) {
          if case .int128(let values) = $0 { values } else { nil }
        }
      }
    case .float64:
      .blocks {
        ExtremeState(groupCount: $0, 0, takesGreater: takesGreater, ColumnValues.float64) {
          if case .float64(let values) = $0 { values } else { nil }
        }
      }
    case .interval:
      .blocks {
        ExtremeState(
          groupCount: $0, IntervalValue(), takesGreater: takesGreater, ColumnValues.interval
        ) { if case .interval(let values) = $0 { values } else { nil } }
      }
    case .bool:
      .blocks {
        ExtremeState(groupCount: $0, false, takesGreater: takesGreater, ColumnValues.bool) {
          if case .bool(let values) = $0 { values } else { nil }
        }
      }
    case .text:
      .all { column, groups, layout in
        let (codes, dictionary) = Vector(column).texts
        return TextExtremeState(codes.values, dictionary, groups, layout.count, takesGreater)
      }
    }
  }
}

extension AggregateID {
  var isOfFloats: Bool { takes.first?.storage == .float64 }
}
