// Scans the song folders named on standard input, a line each; prints a line of JSON for each.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import scanner from 'scan-chart'

for (const folder of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
	const files = readdirSync(folder).map(name => ({ fileName: name, data: new Uint8Array(readFileSync(join(folder, name))) }))
	const { playable, folderIssues, metadataIssues, notesData } = scanner.scanChartFolder(files)
	const { chartIssues = [], noteCounts = [], maxNps = [] } = notesData ?? {}
	console.log(JSON.stringify({ playable, folderIssues, metadataIssues, chartIssues, noteCounts, maxNps }))
}
