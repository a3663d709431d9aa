import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  VariableSort,
  type Threshold,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  StackingConfigBuilder,
  StackingMode,
} from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as SeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

import type { Dashboard, Panel, Thresholds } from './panel.ts';

/** Whoever looks chooses the data source, so that one file fits every Grafana. */
const SOURCE = { type: 'prometheus', uid: '${source}' };
const WIDTH = 24;
const STAT = { height: 4, perRow: 4 };
const SERIES = { height: 8, perRow: 2 };

/** Which metric names the fleets that a dashboard can show. */
export function fleetQueryOf({ rows }: Dashboard): string {
  const isOperators = rows.flatMap(({ panels }) => panels).some(({ source }) => source !== 'fleet');
  const metric = isOperators ? 'kraite_fleet_condition' : 'kraite_build_info';
  return `label_values(${metric}, fleet)`;
}

/**
 * Returns the dashboard as Grafana's JSON model, in its first form: the sidecar and the import of every Grafana since 9 take
 * it, while the second form asks for Grafana 12 and its API.
 */
export function renderDashboard(dashboard: Dashboard): object {
  // oxlint-disable-next-line typescript/no-deprecated -- on purpose, see above
  const builder = new DashboardBuilder(dashboard.title)
    .uid(dashboard.uid)
    .description(dashboard.description)
    .tags(['kraite'])
    .readonly()
    .timezone('utc')
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .withVariable(new DatasourceVariableBuilder('source').label('Data source').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('fleet')
        .label('Fleet')
        .datasource(SOURCE)
        .query(fleetQueryOf(dashboard))
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .sort(VariableSort.AlphabeticalAsc)
        .multi(true)
        .includeAll(true)
        .current({ text: 'All', value: '$__all' }),
    )
    .withVariable(
      new TextBoxVariableBuilder('admin')
        .label("Operators' site")
        .defaultValue('https://admin.kraite.com'),
    )
    .withVariable(
      new TextBoxVariableBuilder('manual')
        .label('Manual')
        .defaultValue('https://syntax.kraite.com'),
    )
    .link(
      new DashboardLinkBuilder('Other dashboards of Kraite')
        .type(DashboardLinkType.Dashboards)
        .tags(['kraite'])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    )
    .link(linkTo("Operators' site", `\${admin}${dashboard.page}`));
  for (const { title, panels } of dashboard.rows) {
    builder.withRow(new RowBuilder(title));
    for (const panel of panels) builder.withPanel(buildPanel(panel, dashboard));
  }
  return builder.build();
}

function buildPanel(panel: Panel, { page }: Dashboard): SeriesBuilder | StatBuilder {
  const builder = panel.kind === 'stat' ? buildStat() : buildSeries(panel);
  const links = [linkTo("Operators' site", `\${admin}${page}`)];
  if (panel.runbook !== undefined) links.unshift(linkTo('Runbook', runbookUrl(panel.runbook)));
  builder
    .title(panel.title)
    .description(panel.description)
    .datasource(SOURCE)
    .unit(panel.unit)
    .thresholds(thresholdsOf(panel.thresholds))
    .links(links);
  panel.queries.forEach(({ expr, legend }, index) => {
    builder.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode('A'.charCodeAt(0) + index))
        .datasource(SOURCE)
        .expr(expr)
        .legendFormat(legend),
    );
  });
  return builder;
}

function runbookUrl(runbook: string): string {
  return `\${manual}/operating/runbooks/${runbook}`;
}

function linkTo(title: string, url: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url).targetBlank(true);
}

function buildStat(): StatBuilder {
  return new StatBuilder()
    .height(STAT.height)
    .span(WIDTH / STAT.perRow)
    .graphMode(BigValueGraphMode.None)
    .textMode(BigValueTextMode.ValueAndName)
    .colorMode(BigValueColorMode.Background);
}

function buildSeries({ kind, thresholds }: Panel): SeriesBuilder {
  const builder = new SeriesBuilder()
    .height(SERIES.height)
    .span(WIDTH / SERIES.perRow)
    .fillOpacity(kind === 'stacked' ? 40 : 8)
    .min(0);
  if (kind === 'stacked') {
    builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  }
  if (thresholds.warning !== undefined || thresholds.critical !== undefined) {
    builder.thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed),
    );
  }
  return builder;
}

/** Steps go up: what is above the last one has its color. The first begins at minus infinity, which Grafana writes as null. */
function thresholdsOf({ warning, critical, isLowBad }: Thresholds): ThresholdsConfigBuilder {
  const steps: Threshold[] =
    isLowBad === true
      ? [
          { value: null, color: 'red' },
          ...(critical === undefined
            ? []
            : [{ value: critical, color: warning === undefined ? 'green' : 'yellow' }]),
          ...(warning === undefined ? [] : [{ value: warning, color: 'green' }]),
        ]
      : [
          { value: null, color: 'green' },
          ...(warning === undefined ? [] : [{ value: warning, color: 'yellow' }]),
          ...(critical === undefined ? [] : [{ value: critical, color: 'red' }]),
        ];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}
