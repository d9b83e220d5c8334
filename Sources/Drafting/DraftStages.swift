/// The stages of a draft behind its extracts.
extension DraftText {
  func writeFeatures(_ lines: inout CommentedLines) {
    lines.remark(
      "One row for each \(what). Each windowed feature becomes one column for each window: "
        + "\(features.frequency)_\(windows[0])d and so on.", indent: 2)
    lines.add("  \(featureStage):")
    lines.add("    features:")
    lines.add("      entity: \(entity.stage).\(entity.entity)")
    lines.add("      windows: [\(windows.map { "\($0)d" }.joined(separator: ", "))]")
    lines.add("      from:")
    for source in features.sources {
      lines.add("        \(source.stage):")
      if let entity = source.entity {
        lines.add("          entity: \(YAMLText.scalar(entity))", "the \(what), by another name")
      }
      if let status = source.status {
        lines.add(
          "          # where: \"\(status.replacing("\"", with: "")) <> 'cancelled'\"",
          "if some rows should not count")
      }
      lines.add("          windowed:")
      for feature in source.windowed { write(feature, source, &lines) }
      lines.add("          ever:")
      for feature in source.ever { write(feature, source, &lines) }
    }
    if let spend = features.monetary, let trend = features.trend, let short = windows.first {
      lines.add("      derived:")
      lines.add(
        "        \(trend): \(spend)_\(short)d / nullif(\(spend)_\(longest)d / "
          + "\(Double(longest) / Double(short)), 0)",
        "above 1: more than usual")
    }
    lines.blank()
  }

  private func write(
    _ feature: DraftFeatures.Feature, _ source: DraftFeatures.Source,
    _ lines: inout CommentedLines
  ) {
    let note =
      feature.expression.hasPrefix("sum(") && feature.name.hasSuffix("spend")
      ? source.note : ""
    lines.add(
      "            \(feature.name): \(YAMLText.expression(feature.expression))", note)
  }

  func writeModel(_ lines: inout CommentedLines) {
    guard let churn = findings.churn else {
      lines.remark("No model is trained: \(findings.noChurn).", indent: 2)
      lines.blank()
      return
    }
    let frequency = "\(features.frequency)_\(longest)d"
    lines.remark(history(churn), indent: 2)
    lines.add("  churn:")
    lines.add("    train:")
    lines.add("      features: \(featureStage)")
    lines.add("      eligible: \(frequency) > 0", "who was active at all lately")
    lines.add("      label:", "the one place that looks forward from a cutoff")
    lines.add("        name: churned")
    lines.add("        from: \(extracts[0].cleaned)")
    if extracts[0].entity != entity.entity {
      lines.add("        entity: \(YAMLText.scalar(extracts[0].entity))")
    }
    lines.add("        is: count(*) = 0", "nothing at all …")
    lines.add("        within: \(churn.plan.horizon)d", "… in so many days")
    lines.add(
      "      cutoffs: { every: \(churn.plan.step)d, count: \(churn.cutoffs) }",
      "as many as the history has room for")
    lines.add("      causes:", "groups of features that scores are explained in")
    for cause in features.causes(windows: windows) {
      lines.add(
        "        \(YAMLText.scalar(cause.name)): [\(cause.features.joined(separator: ", "))]")
    }
    lines.blank()
    let risk = churn.risk
    lines.add("  scores:")
    lines.add("    score:")
    lines.add("      model: churn")
    lines.add("      features: \(featureStage)")
    lines.add("      risk: { high: \">= \(risk.high)\", medium: \">= \(risk.medium)\" }")
    lines.blank()
  }

  private func history(_ churn: ChurnChoice) -> String {
    let table = findings.main.table.name
    var text = "Who will be silent. "
    if case .found(let found) = findings.history, let history = found {
      text += "\(table) reaches from \(history.first.text) to \(history.last.text). "
    }
    if let counts = churn.counts, let rate = churn.baseRate {
      text +=
        "\(churn.plan.horizon) days before its end, \(counts.eligible) had been active in the last "
        + "\(churn.plan.longestWindow); \(Int((rate * 100).rounded())) of 100 were silent from then on."
    } else {
      text +=
        "Counting in \(table) took longer than \(SourceProbe.patience / 1000) seconds, so the horizon is a guess."
    }
    return text
  }

  func writeSegments(_ lines: inout CommentedLines) {
    let frequency = "\(features.frequency)_\(longest)d"
    let inputs = findings.churn == nil ? featureStage : "[\(featureStage), scores]"
    if features.monetary != nil {
      lines.remark(
        "r, f and m are fifths of recency, frequency and money, 5 the best. The first rule that "
          + "holds is taken.", indent: 2)
    }
    lines.add("  segments:")
    lines.add("    segment:")
    lines.add("      input: \(inputs)")
    let hasMoney = features.monetary != nil
    if let spend = features.monetary {
      lines.add(
        "      rfm: { recency: \(features.recency), frequency: \(frequency), "
          + "monetary: \(spend)_\(longest)d }")
    }
    lines.add("      rules:")
    lines.add("        - { name: never_active, when: \(features.recency) is null }")
    lines.add("        - { name: gone, when: \(frequency) = 0 }", "nothing in \(longest) days")
    if findings.churn != nil {
      if hasMoney {
        lines.add(
          "        - { name: leaving_best, when: \"churn_risk = 'high' and m >= 4\" }",
          "worth a call")
      }
      lines.add("        - { name: leaving, when: \"churn_risk = 'high'\" }")
    }
    if findings.churn != nil {
      lines.add("        - { name: loyal, when: \"churn_risk = 'low'\" }")
    } else if hasMoney {
      lines.add("        - { name: loyal, when: r >= 4 and f >= 4 }", "lately, and often")
    } else {
      lines.add(
        "        - { name: active, when: \(features.frequency)_\(windows[0])d > 0 }",
        "in the last \(windows[0]) days")
    }
    lines.add("      otherwise: regular")
    lines.blank()
  }

  func writePublications(_ lines: inout CommentedLines) {
    lines.remark(
      (findings.churn == nil ? "" : "Both become visible at once. ")
        + "Read \(findings.target).\(what)_segments_current for the latest.",
      indent: 2)
    let schema = YAMLText.scalar(findings.target)
    let key = YAMLText.scalar(entity.entity)
    if findings.churn != nil {
      lines.add("  publish_scores:")
      lines.add(
        "    write: { input: scores, table: \(schema).\(what)_scores, key: \(key), keep: 90d }")
    }
    lines.add("  publish_segments:")
    lines.add(
      "    write: { input: segments, table: \(schema).\(what)_segments, key: \(key), keep: 90d }")
  }
}
