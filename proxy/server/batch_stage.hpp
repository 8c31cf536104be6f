#pragma once

#include "proxy/activity/batch.hpp"
#include "proxy/activity/batch_answers.hpp"
#include "proxy/activity/batch_rest.hpp"
#include "proxy/server/body_stage.hpp"
#include "proxy/server/judge.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace paravent::server {

/// What is left of a batch when parts of it stay at home: all that is held while Meta is asked for the rest.
struct BatchRemainder {
    activity::BatchRest rest;
    activity::BatchAnswers answers;
    std::string rule; ///< "LIST/ID" of the first part that was taken; the statistics know them all
    bool nothing_left = false;
    std::unique_ptr<HeldBytes> held; ///< for `rest`
};

/// A batch to the root of graph.facebook.com, which mixes app events with logins and whatever else an app asks.
struct JudgedBatch {
    std::vector<Judgement> parts; ///< one for each; empty where the batch can only be judged as one, by its address
    std::vector<activity::PartEvents> told;
    std::unique_ptr<BatchRemainder> remainder; ///< null: it goes on as it came
};

/// Judges each part as the request that it would be alone. Nothing where the request is no batch.
std::optional<JudgedBatch> judge_parts(Worker& worker, const Snapshot& snapshot, const policy::Client& client,
                                       const Asked& asked, const Judgement& judgement, const Carried& carried);

/// As for a request that is no batch, each part by its own judgement. Takes what the batch told.
void record(Connection& connection, const policy::Client& client, const Asked& asked, const Judgement& judgement,
            JudgedBatch& batch);

/// Sends on what is left, and answers the parts that were taken in their places of the reply. Where nothing is left
/// nobody is asked.
net::awaitable<void> serve_batch(Connection& connection, Exchange& exchange, const Asked& asked,
                                 std::unique_ptr<BatchRemainder> remainder, std::shared_ptr<const Snapshot> snapshot);

} // namespace paravent::server
