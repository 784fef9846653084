/** Where the API has usage. */
const USAGE = '/api/v1/usage';

export const SUMMARY = `${USAGE}/summary`;
export const TIME_SERIES = `${USAGE}/timeseries`;
export const ENDPOINTS = `${USAGE}/endpoints`;
export const TOP = `${USAGE}/top`;
export const UNUSED = `${USAGE}/unused`;
export const OBSERVED = `${USAGE}/observed`;
export const INTEGRITY = `${USAGE}/integrity`;
