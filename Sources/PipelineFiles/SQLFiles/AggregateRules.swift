extension ScriptStatement {
  /// Whether it works values out from many rows anywhere: by GROUP BY, an aggregate or a window function.
  public var aggregates: Bool {
    tokens.indices.contains { place in
      guard let word = word(place) else { return false }
      if word == "group" { return self.word(place + 1) == "by" }
      guard tokens.indices.contains(place + 1) else { return false }
      let isCall = tokens[place + 1].isSymbol("(")
      if word == "over" { return isCall || self.word(place + 1) != nil && follows(place, ")") }
      return isCall && Self.aggregateFunctions.contains(word)
    }
  }

  private func follows(_ place: Int, _ symbol: Unicode.Scalar) -> Bool {
    place > 0 && tokens[place - 1].isSymbol(symbol)
  }

  /// Those of Postgres's manual, section 9.21, that are not functions of one row too.
  private static let aggregateFunctions: Set = [
    "any_value", "array_agg", "avg", "bit_and", "bit_or", "bit_xor", "bool_and", "bool_or", "count",
    "corr", "covar_pop", "covar_samp", "every", "json_agg", "json_object_agg", "jsonb_agg",
    "jsonb_object_agg", "max", "min", "mode", "percentile_cont", "percentile_disc", "range_agg",
    "regr_avgx", "regr_avgy", "regr_count", "regr_intercept", "regr_r2", "regr_slope", "regr_sxx",
    "regr_sxy", "regr_syy", "stddev", "stddev_pop", "stddev_samp", "string_agg", "sum", "variance",
    "var_pop", "var_samp", "xmlagg",
  ]
}
