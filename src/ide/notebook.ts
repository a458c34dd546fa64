/** Notebooks for the shells: their code cells as one program, and the way back from its places to the cells. */
export { inCell, joinCells, readNotebook, type JoinedCells, type NotebookCell } from '../parse/notebook';
