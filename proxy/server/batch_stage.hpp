#pragma once

#include "proxy/activity/batch.hpp"
#include "proxy/activity/batch_rest.hpp"
#include "proxy/server/judge.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace paravent::server {

/// A batch to the root of graph.facebook.com, which mixes app events with logins and whatever else an app asks.
struct JudgedBatch {
    activity::Batch batch;
    std::vector<Judgement> parts;   ///< one for each; empty where the batch can only be judged as one, by its address
    std::vector<std::size_t> taken; ///< the parts that Meta does not get
    activity::BatchRest rest;       ///< what it gets; only where some are taken
};

/// Judges each part as the request that it would be alone. Nothing where the request is no batch.
std::optional<JudgedBatch> judge_parts(const Snapshot& snapshot, const policy::Client& client, const Asked& asked,
                                       const Judgement& judgement, const Carried& carried);

/// As for a request that is no batch, each part by its own judgement.
void record(Connection& connection, const policy::Client& client, const Asked& asked, const Judgement& judgement,
            const Carried& carried, const JudgedBatch& batch);

/// Sends on what is left, and answers the parts that were taken in their places of the reply. Where nothing is left
/// nobody is asked. @param batch some of its parts are taken
net::awaitable<void> serve_batch(Connection& connection, Exchange& exchange, const Asked& asked, JudgedBatch batch,
                                 std::shared_ptr<const Snapshot> snapshot);

} // namespace paravent::server
