/** One seed replays one story: `SIMULATION_SEED=123`; null plays the usual ones. */
export const replayedSeed = process.env["SIMULATION_SEED"] ? Number(process.env["SIMULATION_SEED"]) : null;
