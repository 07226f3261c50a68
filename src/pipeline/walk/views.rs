//! What decoding needs to know of a session and its peers: made once a batch, and again after a change.

use crate::pipeline::Request;
use crate::pipeline::batch::{Batch, PeerView, SessionView};
use crate::session::Session;

/// A session with the places of its views in the current batch.
pub(super) struct Live {
    pub(super) session: Session,
    pub(super) view: View,
    pub(super) peer_views: Vec<View>,
}

/// Where something stands in the batch of this generation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct View {
    pub(super) generation: u64,
    pub(super) index: u32,
}

impl Live {
    /// Whether its router is asked for; `told` is the name that its present message tells.
    pub(super) fn is_wanted(&self, request: &Request, told: Option<&str>) -> bool {
        let address = self.session.router_address;
        request.wants_router(address, told.or(self.session.router.sys_name.as_deref()))
    }

    /// Nothing more comes: what only looks things up is not needed any longer.
    pub(super) fn finish(&mut self) {
        self.peer_views = Vec::new();
        self.session.finish();
    }

    #[inline(always)]
    pub(super) fn session_view(&mut self, generation: u64, batch: &mut Batch) -> u32 {
        if self.view.generation != generation {
            let index = u32::try_from(batch.sessions.len()).unwrap_or(u32::MAX);
            batch.sessions.push(SessionView::of(&self.session));
            self.view = View { generation, index };
        }
        self.view.index
    }

    #[inline]
    pub(super) fn peer_view(
        &mut self,
        peer: u32,
        request: &Request,
        generation: u64,
        batch: &mut Batch,
    ) -> u32 {
        let at = peer as usize;
        if self.peer_views.len() <= at {
            self.peer_views.resize(at + 1, View::default());
        }
        match (self.peer_views.get_mut(at), self.session.peers.get(at)) {
            (Some(view), Some(facts)) if view.generation != generation => {
                let index = u32::try_from(batch.peers.len()).unwrap_or(u32::MAX);
                batch.peers.push(PeerView::of(peer, facts, request.assumed));
                *view = View { generation, index };
                index
            }
            (Some(view), _) => view.index,
            _ => Batch::NO_PEER,
        }
    }

    /// What was told of the session or the peer has changed: later messages need new views.
    pub(super) fn forget_views(&mut self, peer: Option<u32>) {
        match peer {
            None => self.view = View::default(),
            Some(peer) => {
                if let Some(view) = self.peer_views.get_mut(peer as usize) {
                    *view = View::default();
                }
            }
        }
    }
}
